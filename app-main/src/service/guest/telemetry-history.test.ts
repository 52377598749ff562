import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { TelemetryHistory } from './telemetry-history.ts'
import { telemetryNews } from './telemetry-news.ts'
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
    history = new TelemetryHistory({
      use: (id, want, work) => bench.sessions.use(id, want, work),
      news: telemetryNews(bench.connections),
    })
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

  it('tell the name of the guest’s system, and do without', async () => {
    agent.onAny = () => Promise.resolve({ osName: 'Debian GNU/Linux 12 (bookworm)' } as never)
    const silent = new FakeAgent()
    bench.serve(1, silent)
    ask()
    await turn(10)
    agent.sample?.(sampleOf())
    silent.sample?.(sampleOf())
    expect(ask().map(({ osName }) => osName)).toEqual(['Debian GNU/Linux 12 (bookworm)', null])
  })

  it('look ever less often for an agent where none answers', async () => {
    const looks = () => bench.looks.filter(key => key === bench.machine(1).key).length
    for (let second = 0; second < 1800; second += 10) {
      ask()
      await turn(10_000)
    }
    // Doubling from two seconds to five minutes takes eight; after that one every five minutes.
    expect(looks()).toBeGreaterThan(8)
    expect(looks()).toBeLessThan(16)
  })

  it('look at once when a guest opens its channel, or when its machine started again', async () => {
    const last = () => bench.looks.at(-1)
    const [machine] = [bench.machine(1)]
    const asking = async (seconds: number) => {
      for (let second = 0; second < seconds; second += 5) {
        ask()
        await turn(5000)
      }
    }
    await asking(600)
    bench.looks.length = 0
    bench.host.tellGuest(machine.key)
    await asking(5)
    expect(last()).toBe(machine.key)
    await asking(600)
    bench.host.enter(machine, 'shutoff')
    await asking(20)
    const late = new FakeAgent('qemu-ga')
    bench.serve(1, late)
    bench.host.enter(machine, 'running')
    await asking(5)
    late.sample?.(sampleOf())
    expect(ask()).toContainEqual(expect.objectContaining({ id: bench.id(1), dialect: 'qemu-ga' }))
  })

  it('do not try more often for a guest that opens and closes its channel all the time', async () => {
    bench.looks.length = 0
    for (let step = 0; step < 600; step++) {
      if (step % 50 === 0) ask()
      bench.host.tellGuest(bench.machine(1).key)
      await turn(100)
    }
    expect(bench.looks.filter(key => key === bench.machine(1).key).length).toBeLessThanOrEqual(61)
  })

  it('go on when the computer’s clock is set back or forth', async () => {
    ask()
    await turn(10)
    agent.sample?.(sampleOf({ cpuPercent: 1 }))
    vi.setSystemTime(Date.now() - 3_600_000)
    await turn(5000)
    agent.sample?.(sampleOf({ cpuPercent: 2 }))
    expect(ask()[0]?.samples.map(({ cpuPercent }) => cpuPercent)).toEqual([2])
    vi.setSystemTime(Date.now() + 7_200_000)
    await turn(5000)
    expect(agent.sample).not.toBeNull()
    agent.sample?.(sampleOf({ cpuPercent: 3 }))
    expect(ask()[0]?.samples.map(({ cpuPercent }) => cpuPercent)).toEqual([3])
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
