import { expect, it } from 'vitest'
import { COMMANDS, ScriptedQemuGa } from '../testing/scripted-qemu-ga.ts'

const asking = { signal: new AbortController().signal }

it('a whole qemu-ga misses only what it has no command for', async () => {
  const { features, version, dialect } = await new ScriptedQemuGa().connect()
  expect(Object.keys(features).sort()).toEqual(['exec-stream', 'resume-upload', 'service-control', 'services'])
  expect({ version, dialect }).toEqual({ version: '7.2.0', dialect: 'qemu-ga' })
})

it('what an administrator blocked is told from what an old version lacks, and is not even asked', async () => {
  const blocked = new ScriptedQemuGa(['guest-exec', 'guest-file-open'])
  const agent = await blocked.connect()
  for (const feature of ['exec', 'exec-user', 'processes', 'kill', 'read-file', 'write-file', 'directory'] as const)
    expect(agent.features[feature]).toMatch(/blocked/)
  expect(agent.features.telemetry).toBeUndefined()
  await expect(agent.list('/', asking)).rejects.toMatchObject({ detail: { kind: 'unsupported' } })
  expect(blocked.count('guest-exec')).toBe(0)
  const old = await new ScriptedQemuGa([], ['guest-ping', 'guest-info', 'guest-shutdown']).connect()
  expect(old.features.telemetry).toMatch(/too old/)
  expect(old.features.system).toMatch(/too old/)
  expect(old.features.shutdown).toBeUndefined()
})

it('every feature that is refused rejects with the sheet’s reason', async () => {
  const agent = await new ScriptedQemuGa(COMMANDS).connect()
  const calls = [
    agent.system(asking),
    agent.exec({ shell: 'x', env: {}, timeoutSeconds: 1, maxOutputBytes: 1 }, { onOutput: () => undefined }, asking),
    agent.freeze({ timeoutSeconds: 1 }, asking),
    agent.services(asking),
    agent.trim(asking),
    agent.watchTelemetry(1, () => undefined, asking.signal),
  ]
  for (const call of calls) await expect(call).rejects.toMatchObject({ detail: { kind: 'unsupported' } })
})

it('a Windows guest is offered nothing that takes a Unix shell', async () => {
  const windows = new ScriptedQemuGa().on('guest-get-osinfo', () => ({ id: 'mswindows', name: 'Microsoft Windows' }))
  const { features } = await windows.connect()
  for (const feature of ['exec', 'processes', 'write-file', 'directory'] as const)
    expect(features[feature]).toMatch(/Windows/)
  for (const feature of ['system', 'telemetry', 'read-file', 'password', 'shutdown'] as const)
    expect(features[feature]).toBeUndefined()
})

it('a guest that is met frozen can be thawed, and nothing else', async () => {
  const others = COMMANDS.filter(name => !['guest-ping', 'guest-info', 'guest-fsfreeze-thaw'].includes(name))
  const frozen = new ScriptedQemuGa(others)
    .on('guest-fsfreeze-status', () => 'frozen')
    .on('guest-fsfreeze-thaw', () => 3)
  const agent = await frozen.connect()
  expect(agent.features.exec).toMatch(/frozen/)
  expect(agent.features.freeze).toBeUndefined()
  expect(await agent.thaw(null, asking)).toBe(3)
})
