import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { domainId, type ConnectionUri } from '../../contract/index.ts'
import { BETTER_MS, IDLE_MS } from './guest-session.ts'
import { FakeAgent } from './testing/fake-agent.ts'
import { guestBench, type GuestBench } from './testing/guest-bench.ts'

const signal = new AbortController().signal
const ANY = { feature: null, signal } as const

describe('the conversations with guests', () => {
  let bench: GuestBench
  beforeEach(async () => void (bench = await guestBench()))
  afterEach(() => {
    vi.useRealTimers()
    bench.dispose()
  })
  const dialect = (index: number, feature: 'freeze' | null = null) =>
    bench.sessions.use(bench.id(index), { feature, signal }, async agent => agent.dialect)

  it('are opened once for all who ask, and told', async () => {
    bench.serve(0, new FakeAgent())
    expect(await Promise.all([dialect(0), dialect(0), dialect(0)])).toEqual(['vireo', 'vireo', 'vireo'])
    expect(bench.looks).toHaveLength(1)
    expect(bench.published).toMatchObject([{ id: bench.id(0), primary: 'vireo', agents: [{ state: 'answering' }] }])
  })

  it('take the best agent that can, and say why when none can', async () => {
    bench.serve(0, new FakeAgent('vireo', { freeze: 'Runs unprivileged.' }), new FakeAgent('qemu-ga'))
    expect(await dialect(0)).toBe('vireo')
    expect(await dialect(0, 'freeze')).toBe('qemu-ga')
    bench.serve(1, new FakeAgent('vireo', { freeze: 'Runs unprivileged.' }))
    await expect(dialect(1, 'freeze')).rejects.toMatchObject({
      detail: { kind: 'unsupported', message: 'Runs unprivileged.' },
    })
  })

  it('are let go half a minute after the last use, and no sooner', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
    const agent = new FakeAgent()
    bench.serve(0, agent)
    await dialect(0)
    await vi.advanceTimersByTimeAsync(IDLE_MS - 1)
    expect(agent.asked).not.toContain('close')
    await dialect(0)
    await vi.advanceTimersByTimeAsync(IDLE_MS - 1)
    expect(agent.asked).not.toContain('close')
    await vi.advanceTimersByTimeAsync(1)
    expect(agent.asked).toContain('close')
    expect(bench.looks).toHaveLength(1)
  })

  it('begin anew on demand when the agent went, and end what was under way in the old one', async () => {
    const first = new FakeAgent()
    first.hang()
    bench.serve(0, first)
    const hanging = bench.sessions.use(bench.id(0), ANY, (agent, asking) => agent.system(asking))
    await vi.waitFor(() => expect(first.asked).toContain('system'))
    first.vanish()
    await expect(hanging).rejects.toMatchObject({ detail: { kind: 'connection', trouble: 'lost' } })
    expect(bench.published.at(-1)).toMatchObject({ primary: null, agents: [{ state: 'silent' }] })
    bench.serve(0, new FakeAgent('qemu-ga'))
    await vi.waitFor(async () => expect(await dialect(0)).toBe('qemu-ga'))
    expect(bench.published.at(-1)).toMatchObject({ primary: 'qemu-ga' })
  })

  it('live on without a lesser agent', async () => {
    const lesser = new FakeAgent('qemu-ga')
    bench.serve(0, new FakeAgent('vireo', { freeze: 'Runs unprivileged.' }), lesser)
    expect(await dialect(0, 'freeze')).toBe('qemu-ga')
    lesser.vanish()
    await sleep(0)
    await expect(dialect(0, 'freeze')).rejects.toMatchObject({ detail: { message: 'Runs unprivileged.' } })
    expect(await dialect(0)).toBe('vireo')
    expect(bench.looks).toHaveLength(1)
  })

  it('do not look again at every question while nobody answers', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
    for (let turn = 0; turn < 20; turn++) {
      await expect(dialect(0)).rejects.toMatchObject({ detail: { kind: 'unsupported' } })
    }
    expect(bench.looks).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(600)
    bench.serve(0, new FakeAgent())
    expect(await dialect(0)).toBe('vireo')
  })

  it('never wait for a sick machine on behalf of another', async () => {
    bench.serveWith(0, () => new Promise<never>(() => undefined))
    const giveUp = new AbortController()
    const sick = bench.sessions.use(bench.id(0), { feature: null, signal: giveUp.signal }, async () => 'never')
    bench.serve(1, new FakeAgent())
    expect(await dialect(1)).toBe('vireo')
    giveUp.abort()
    await expect(sick).rejects.toMatchObject({ detail: { kind: 'cancelled' } })
  })

  it('give up looking in time, and close what answers after that', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
    const late = new FakeAgent()
    let answer: (agents: readonly FakeAgent[]) => void = () => undefined
    bench.serveWith(0, () => new Promise(resolve => (answer = resolve)))
    const asked = dialect(0).catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(20_000)
    expect(await asked).toMatchObject({ detail: { kind: 'timeout' } })
    answer([late])
    await vi.advanceTimersByTimeAsync(0)
    expect(late.asked).toContain('close')
  })

  it('end with the machine, and begin anew with it', async () => {
    const first = new FakeAgent()
    first.hang()
    bench.serve(0, first)
    const hanging = bench.sessions.use(bench.id(0), ANY, (agent, asking) => agent.system(asking))
    await vi.waitFor(() => expect(first.asked).toContain('system'))
    bench.host.enter(bench.machine(0), 'shutoff')
    await expect(hanging).rejects.toMatchObject({ detail: { kind: 'connection' } })
    expect(first.asked).toContain('close')
    await expect(dialect(0)).rejects.toMatchObject({ detail: { kind: 'precondition' } })
    bench.host.enter(bench.machine(0), 'running')
    bench.serve(0, new FakeAgent('qemu-ga'))
    expect(await dialect(0)).toBe('qemu-ga')
  })

  it('end with the connection', async () => {
    const agent = new FakeAgent()
    bench.serve(0, agent)
    await dialect(0)
    bench.host.setReachable(false)
    expect(agent.asked).toContain('close')
    await expect(dialect(0)).rejects.toMatchObject({ detail: { kind: 'connection' } })
  })

  it('are for those with full access', async () => {
    const looking = 'memory:///looking?domains=1&readonly=1' as ConnectionUri
    const connection = bench.connections.add(looking)
    await connection.settled()
    const id = domainId([...connection.domains.keys()][0] ?? '', looking)
    await expect(bench.sessions.status(id, signal)).rejects.toMatchObject({ detail: { kind: 'permission' } })
  })

  it('notice who comes later, and leave the old agent to those who use it', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
    const old = new FakeAgent('qemu-ga')
    old.hang()
    bench.serve(0, old)
    const giveUp = new AbortController()
    const busy = bench.sessions.use(bench.id(0), { feature: null, signal: giveUp.signal }, (agent, asking) =>
      agent.system(asking),
    )
    await vi.waitFor(() => expect(old.asked).toContain('system'))
    bench.serve(0, new FakeAgent('vireo'))
    bench.host.tellGuest(bench.machine(0).key)
    await vi.advanceTimersByTimeAsync(1100)
    expect(await dialect(0)).toBe('vireo')
    expect(bench.published.at(-1)).toMatchObject({ primary: 'vireo' })
    expect(old.asked).not.toContain('close')
    giveUp.abort(new Error('enough'))
    await expect(busy).rejects.toThrow('enough')
    expect(old.asked).toContain('close')
  })

  it('end at once for those who wait for an agent that a later look sees gone', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
    const killed = new FakeAgent('vireo')
    killed.hang()
    bench.serve(0, killed)
    const hanging = bench.sessions.use(bench.id(0), ANY, (agent, asking) => agent.system(asking))
    const outcome = hanging.catch((error: unknown) => error)
    await vi.waitFor(() => expect(killed.asked).toContain('system'))
    bench.gone.push('vireo')
    bench.serve(0)
    bench.host.tellGuest(bench.machine(0).key)
    await vi.advanceTimersByTimeAsync(1100)
    expect(await outcome).toMatchObject({ detail: { kind: 'connection', trouble: 'lost' } })
    bench.serve(0, new FakeAgent('qemu-ga'))
    await vi.advanceTimersByTimeAsync(5000)
    expect(await dialect(0)).toBe('qemu-ga')
    expect(bench.published.at(-1)).toMatchObject({ primary: 'qemu-ga' })
  })

  it('ask a better agent again that was too slow, ever less often, and leave the lesser one alone meanwhile', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
    bench.serveWith(0, async () => [new FakeAgent('qemu-ga')])
    bench.slow.push('vireo')
    const giveUp = new AbortController()
    let retired = false
    const watch = bench.sessions.use(
      bench.id(0),
      { feature: null, signal: giveUp.signal },
      async (_agent, asking, old) => {
        old.addEventListener('abort', () => (retired = true))
        await new Promise((_, reject) => asking.signal.addEventListener('abort', () => reject(new Error('enough'))))
      },
    )
    await vi.waitFor(() => expect(bench.looks).toHaveLength(1))
    const [first] = BETTER_MS
    for (const [wait, looks] of [
      [first, 2],
      [first, 2],
      [first, 3],
      [4 * first, 4],
    ] as const) {
      await vi.advanceTimersByTimeAsync(wait)
      expect(bench.looks).toHaveLength(looks)
    }
    expect([retired, await dialect(0), bench.published.length]).toEqual([false, 'qemu-ga', 1])
    // The next look fails, and the one after that finds it.
    bench.serveWith(0, () => Promise.reject(new Error('busy')))
    await vi.advanceTimersByTimeAsync(8 * first)
    expect([retired, await dialect(0)]).toEqual([false, 'qemu-ga'])
    bench.slow.length = 0
    bench.serve(0, new FakeAgent('vireo'))
    await vi.advanceTimersByTimeAsync(16 * first)
    expect([retired, await dialect(0)]).toEqual([true, 'vireo'])
    giveUp.abort()
    await expect(watch).rejects.toThrow('enough')
    const { length } = bench.looks
    await vi.advanceTimersByTimeAsync(10 * BETTER_MS[1])
    expect(bench.looks).toHaveLength(length)
  })

  it('outlast a look that nobody answered in time', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
    const slow = new FakeAgent('vireo')
    slow.hang()
    bench.serve(0, slow)
    const giveUp = new AbortController()
    const busy = bench.sessions.use(bench.id(0), { feature: null, signal: giveUp.signal }, (agent, asking) =>
      agent.system(asking),
    )
    await vi.waitFor(() => expect(slow.asked).toContain('system'))
    bench.serve(0)
    bench.host.tellGuest(bench.machine(0).key)
    await vi.advanceTimersByTimeAsync(1100)
    expect(bench.looks).toHaveLength(2)
    expect(slow.asked).not.toContain('close')
    giveUp.abort(new Error('enough'))
    await expect(busy).rejects.toThrow('enough')
  })
})
