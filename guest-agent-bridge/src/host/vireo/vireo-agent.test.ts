import { RemoteError } from '@vireo/app-main/contract'
import { afterEach, expect, test, vi } from 'vitest'
import { CAPABILITIES, scriptedVireo } from '../testing/scripted-vireo.ts'
import { settled } from '../testing/scripted-agent.ts'

const asking = { signal: new AbortController().signal }

const kindOf = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'nothing failed',
    (error: unknown) => (error instanceof RemoteError ? error.detail.kind : error),
  )

const sample = (cpu: number) => ({
  ...{
    time_ms: 0,
    cpu_percent: cpu,
    cpu_count: 1,
    memory_total_bytes: 4,
    memory_available_bytes: 2,
    swap_total_bytes: 0,
  },
  ...{ swap_used_bytes: 0, load: [0, 0, 0], filesystems: [], process_count: 1, uptime_seconds: 5 },
  interfaces: [
    {
      ...{
        name: 'eth\u001b[31m0',
        mac: '52:54:00:00:00:01',
        addresses: ['10.0.0.2/24', '<script>'],
        up: true,
        mtu: 1500,
      },
      ...{ received_bytes: 1, sent_bytes: 2, received_packets: 0, sent_packets: 0, receive_errors: 0, send_errors: 0 },
    },
  ],
})

afterEach(() => {
  vi.useRealTimers()
})

test('a full agent misses only what it has no command for', async () => {
  const { agent } = await scriptedVireo()
  expect(Object.keys(agent.features).sort()).toEqual(['disks', 'ssh-keys', 'vcpus'])
  expect(agent.version).toBe('0.1.0')
})

test("what an agent without rights cannot do has the agent's reason, and is refused without asking it", async () => {
  const { agent, guest } = await scriptedVireo(undefined, {
    ...CAPABILITIES,
    ...{ privileged: false, user: 'nobody', methods: CAPABILITIES.methods.filter(name => name !== 'password.set') },
    unavailable: [{ method: 'password.set', reason: 'only root \u001b[1mmay' }],
  })
  expect(agent.features.password).toBe('only root \ufffd[1mmay')
  expect(agent.features['exec-user']).toContain('nobody')
  expect(await kindOf(agent.setPassword('a', 'b', asking))).toBe('unsupported')
  expect(guest.heard).toEqual([])
})

test('an agent of a newer protocol is not talked to', async () => {
  expect(await kindOf(scriptedVireo(undefined, { ...CAPABILITIES, protocol: 2 }))).toBe('unsupported')
})

test('facts arrive in the words of the contract, names made harmless', async () => {
  const { agent } = await scriptedVireo(({ method }) =>
    method === 'get_system_info'
      ? {
          ...{
            os_type: 'linux',
            os_name: 'Debian',
            os_version: '12',
            kernel_version: '6.1',
            hostname: 'a\u001b]0;x\u0007',
          },
          ...{
            architecture: 'x86_64',
            cpu_count: 2,
            total_memory_kb: 1024,
            uptime_seconds: 9,
            time_ms: Date.now() + 60_000,
          },
        }
      : sample(250),
  )
  const system = await agent.system(asking)
  expect(system).toMatchObject({ hostname: 'a\ufffd]0;x\ufffd', memoryBytes: 1024, timezone: null })
  expect(Math.round(system.clockOffsetSeconds ?? 0)).toBe(60)
  const telemetry = await agent.telemetry(asking)
  expect(telemetry.cpuPercent).toBe(100)
  expect(telemetry.interfaces[0]).toMatchObject({ name: 'eth\ufffd[31m0', addresses: ['10.0.0.2/24'] })
})

test.each([-1, 1e300, '12', null, 0.5])('a memory size of %j is refused', async size => {
  const { agent } = await scriptedVireo(() => ({ ...sample(1), memory_total_bytes: size }))
  expect(await kindOf(agent.telemetry(asking))).toBe('refused')
})

test('lists come in pages, and one whose pages do not advance is refused', async () => {
  const process = (pid: number) => ({
    ...{ pid, parent_pid: 1, name: 'sh', command: null, uid: 0, user: 'root', cpu_percent: 0, memory_bytes: 1 },
    ...{ state: 'S', threads: 1, started_at_ms: 0 },
  })
  const honest = await scriptedVireo(({ params }) => {
    const after = Number(Reflect.get(Object(params), 'after') ?? 0)
    return { processes: [process(after + 1)], next: after < 2 ? after + 1 : null, total: 3 }
  })
  expect((await honest.agent.processes(asking)).map(one => one.pid)).toEqual([1, 2, 3])
  const endless = await scriptedVireo(() => ({ processes: [process(1)], next: 1, total: 3 }))
  expect(await kindOf(endless.agent.processes(asking))).toBe('refused')
})

test('file names that lead out of their folder are not listed', async () => {
  const entry = (name: string) => ({
    ...{ name, type: 'file', size_bytes: 1, mode: 0o644, uid: 0, gid: 0, owner: null, group: null, modified_at_ms: 0 },
    link_target: null,
  })
  const { agent } = await scriptedVireo(() => ({
    ...{ path: '/x', next: null, total: 4 },
    entries: ['ok', '../../etc/passwd', '..', 'with\nnewline'].map(entry),
  }))
  expect((await agent.list('/x', asking)).map(one => one.name)).toEqual(['ok', 'with\nnewline'])
})

test('samples reach every watcher at its own pace, and a flood of them no faster', async () => {
  const { agent, guest } = await scriptedVireo(() => ({ interval_seconds: 1 }))
  const controller = new AbortController()
  let [fast, slow] = [0, 0]
  const watching = [
    agent.watchTelemetry(0.1, () => fast++, controller.signal),
    agent.watchTelemetry(3600, () => slow++, controller.signal),
  ]
  for (let index = 0; index < 5000; index++) guest.notice('telemetry', sample(index % 100))
  await settled()
  controller.abort()
  await Promise.all(watching)
  expect(fast).toBeGreaterThan(0)
  expect(fast).toBeLessThan(50)
  expect(slow).toBe(1)
})

test('a guest that stops measuring is asked again, then the watchers are told', async () => {
  vi.useFakeTimers()
  const asked: unknown[] = []
  const { agent } = await scriptedVireo(({ method, params }) => {
    if (method === 'telemetry.subscribe') asked.push(params)
    return { interval_seconds: 1 }
  })
  const watching = kindOf(agent.watchTelemetry(1, () => undefined, asking.signal))
  for (let step = 0; step < 4; step++) await vi.advanceTimersByTimeAsync(4500)
  expect(await watching).toBe('timeout')
  expect(asked).toEqual([{ interval_seconds: 1 }, { interval_seconds: 1 }, { interval_seconds: 1 }])
})

test('malformed samples are no samples', async () => {
  vi.useFakeTimers()
  const { agent, guest } = await scriptedVireo(() => ({ interval_seconds: 1 }))
  const seen: number[] = []
  const watching = kindOf(agent.watchTelemetry(1, one => seen.push(one.cpuPercent ?? -1), asking.signal))
  guest.raw('{"jsonrpc":"2.0","method":"telemetry","params":{"cpu_percent":-5}}\n')
  guest.notice('telemetry', { ...sample(1), load: [0, 0] })
  for (let step = 0; step < 4; step++) await vi.advanceTimersByTimeAsync(4500)
  expect(await watching).toBe('timeout')
  expect(seen).toEqual([])
})

test('the end of the conversation ends the watchers', async () => {
  const { agent, guest } = await scriptedVireo(() => ({ interval_seconds: 1 }))
  const watching = kindOf(agent.watchTelemetry(1, () => undefined, asking.signal))
  guest.guest.destroy()
  expect(await watching).toBe('connection')
  await agent.closed
})

test('a freeze that nobody waits for any more is thawed', async () => {
  const { agent, guest } = await scriptedVireo()
  const controller = new AbortController()
  const freezing = kindOf(agent.freeze({ timeoutSeconds: 60 }, controller))
  await settled()
  const asked = guest.heard.shift()
  controller.abort()
  expect(await freezing).toBe('cancelled')
  const token = 'ab'.repeat(16)
  guest.result(asked?.id ?? '', { token, auto_thaw_at_ms: 0, filesystems: [], hooks: [] })
  await settled()
  expect(guest.heard.map(({ method, params }) => [method, params])).toEqual([['quiesce.thaw', { token }]])
})

test('what cannot be asked is refused before it is sent', async () => {
  const { agent, guest } = await scriptedVireo()
  expect(await kindOf(agent.readFile('relative', 0, 10, asking))).toBe('invalid-input')
  expect(await kindOf(agent.kill(-1, 9, asking))).toBe('invalid-input')
  expect(await kindOf(agent.writeFile({ path: '/a\0b', content: (async function* () {})() }, asking))).toBe(
    'invalid-input',
  )
  expect(guest.heard).toEqual([])
})
