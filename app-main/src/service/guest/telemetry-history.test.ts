import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { TelemetryHistory } from './telemetry-history.ts'
import { TelemetryRing } from './telemetry-ring.ts'
import { FakeAgent, sampleOf } from './testing/fake-agent.ts'
import { guestBench, type GuestBench } from './testing/guest-bench.ts'

const MINUTE = 60_000

describe('measurements', () => {
  let bench: GuestBench
  let agent: FakeAgent
  let history: TelemetryHistory
  beforeEach(async () => {
    vi.useFakeTimers()
    bench = await guestBench()
    agent = new FakeAgent()
    bench.serve(0, agent)
    history = new TelemetryHistory((id, want, work) => bench.sessions.use(id, want, work))
  })
  afterEach(() => {
    history.dispose()
    bench.dispose()
    vi.useRealTimers()
  })
  const ask = (since = 0, intervalSeconds = 5) => history.ask({ ids: bench.ids, since, intervalSeconds })
  const turn = (ms: number) => vi.advanceTimersByTimeAsync(ms)

  it('begin when somebody asks, and are told from then on, of machines that answer', async () => {
    expect(ask()).toEqual([])
    await turn(10)
    agent.sample?.(sampleOf({ cpuPercent: 7 }))
    await turn(5000)
    agent.sample?.(sampleOf({ cpuPercent: 8 }))
    const [found, ...others] = ask()
    expect(others).toEqual([])
    expect(found).toMatchObject({ id: bench.id(0), dialect: 'vireo', samples: [{ cpuPercent: 7 }, { cpuPercent: 8 }] })
    expect(ask(found?.samples[0]?.at)[0]?.samples).toMatchObject([{ cpuPercent: 8 }])
  })

  it('go on for half a minute after the last question, and are kept after that', async () => {
    ask()
    await turn(10)
    agent.sample?.(sampleOf())
    await turn(29_000)
    expect(agent.sample).not.toBeNull()
    await turn(3000)
    expect(agent.sample).toBeNull()
    ask()
    await turn(10)
    expect(agent.sample).not.toBeNull()
    agent.sample?.(sampleOf())
    expect(ask()[0]?.samples).toHaveLength(2)
  })

  it('come as often as the most eager asker wants', async () => {
    ask(0, 10)
    await turn(10)
    expect(agent.interval).toBe(10)
    ask(0, 2)
    await turn(3000)
    expect(agent.interval).toBe(2)
    ask(0, 10)
    await turn(3000)
    expect(agent.interval).toBe(2)
    for (let rest = 0; rest < 8; rest++) {
      await turn(5000)
      ask(0, 10)
    }
    await turn(3000)
    expect(agent.interval).toBe(10)
  })

  it('begin anew when the agent went and another one came', async () => {
    ask()
    await turn(10)
    agent.vanish()
    await turn(1)
    expect(ask()).toEqual([])
    const next = new FakeAgent('qemu-ga')
    bench.serve(0, next)
    await turn(10_000)
    next.sample?.(sampleOf())
    expect(ask()).toMatchObject([{ dialect: 'qemu-ga' }])
  })

  it('of one machine wait for no other', async () => {
    bench.serveWith(1, () => new Promise<never>(() => undefined))
    ask()
    await turn(10)
    agent.sample?.(sampleOf())
    expect(ask()).toMatchObject([{ id: bench.id(0) }])
  })
})

describe('what is kept of a machine', () => {
  const filesystem = { mountPoint: '/', device: null, type: null, totalBytes: 1, usedBytes: 1, availableBytes: 1 }

  it('is the last quarter of an hour', () => {
    const ring = new TelemetryRing()
    for (let minute = 1; minute <= 20; minute++) ring.add(sampleOf({ cpuPercent: minute }), minute * MINUTE)
    const kept = ring.since(0, 20 * MINUTE).map(({ cpuPercent }) => cpuPercent)
    expect(kept).toEqual(Array.from({ length: 16 }, (_, index) => index + 5))
  })

  it('stays small however much a guest sends, however large', () => {
    const ring = new TelemetryRing()
    for (let step = 0; step < 100_000; step++) ring.add(sampleOf(), 1000 + step / 100)
    expect(ring.since(0, 2000).length).toBeLessThanOrEqual(4)
    const mountPoint = `/${'x'.repeat(2000)}`
    const filesystems = Array.from({ length: 1000 }, () => ({ ...filesystem, mountPoint }))
    for (let step = 0; step < 300; step++) ring.add(sampleOf({ filesystems }), 10_000 + step * 500)
    expect(JSON.stringify(ring.since(0, 10_000 + 300 * 500)).length).toBeLessThan(5 * 1024 * 1024)
  })

  it('is what the contract says, with our own time', () => {
    const ring = new TelemetryRing()
    ring.add(sampleOf({ cpuPercent: Number.NaN }), 1000)
    ring.add(sampleOf({ processCount: 1.5 }), 2000)
    ring.add(sampleOf({ uptimeSeconds: Number.POSITIVE_INFINITY }), 3000)
    ring.add(sampleOf({ at: 1e300, memoryTotalBytes: -1 }), 4000)
    expect(ring.since(0, 4000)).toMatchObject([{ at: 4000 }])
  })
})
