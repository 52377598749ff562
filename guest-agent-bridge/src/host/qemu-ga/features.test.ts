import { expect, it } from 'vitest'
import { COMMANDS, ScriptedQemuGa } from '../testing/scripted-qemu-ga.ts'

const asking = { signal: new AbortController().signal }

it('a whole qemu-ga misses only what it has no command for', async () => {
  const { features, version, dialect } = await new ScriptedQemuGa().connect()
  expect(Object.keys(features).sort()).toEqual(['exec-stream', 'service-control', 'services'])
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
