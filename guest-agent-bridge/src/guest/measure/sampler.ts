/** Measures the guest. What is a rate is taken from the difference to the former sample. */
import type { vireo } from '../../protocol/index.ts'
import { namesIn, readText } from '../files.ts'
import type { Loop } from '../loop.ts'
import type { Sys } from '../sys.ts'
import { cpuPercent, parseCpuTimes, type CpuTimes } from './cpu.ts'
import { filesystems } from './filesystems.ts'
import { networkInterfaces } from './interfaces.ts'
import { parseMemory } from './memory.ts'

/** A first sample needs two readings, so far apart. */
const MOMENT = 200
/** Two that ask at once get no share of nothing. */
const TOO_SOON = 50

export class Sampler {
  readonly #sys: Sys
  readonly #loop: Loop
  #former: { readonly times: CpuTimes; readonly at: number } | null = null

  constructor(sys: Sys, loop: Loop) {
    this.#sys = sys
    this.#loop = loop
  }

  async sample(): Promise<vireo.Telemetry> {
    const percent = await this.#cpu()
    const memory = parseMemory(readText(this.#sys, '/proc/meminfo') ?? '')
    const [one = 0, five = 0, fifteen = 0] = this.#numbers('/proc/loadavg')
    return {
      time_ms: Math.trunc(this.#sys.now()),
      cpu_percent: Math.round(10 * percent.share) / 10,
      cpu_count: percent.cpus,
      memory_total_bytes: memory.total,
      memory_available_bytes: memory.available,
      swap_total_bytes: memory.swapTotal,
      swap_used_bytes: memory.swapUsed,
      load: [one, five, fifteen],
      filesystems: filesystems(this.#sys),
      interfaces: networkInterfaces(this.#sys),
      process_count: namesIn(this.#sys, '/proc').filter(name => /^\d+$/.test(name)).length,
      uptime_seconds: this.#numbers('/proc/uptime')[0] ?? 0,
    }
  }

  async #cpu(): Promise<{ share: number; cpus: number }> {
    const stale = this.#former === null || this.#sys.monotonic() - this.#former.at < TOO_SOON
    const from = this.#former === null || stale ? this.#times() : this.#former.times
    if (stale) await this.#loop.sleep(MOMENT)
    const to = this.#times()
    this.#former = { times: to, at: this.#sys.monotonic() }
    return { share: cpuPercent(from, to), cpus: to.cpus }
  }

  #times(): CpuTimes {
    return parseCpuTimes(readText(this.#sys, '/proc/stat') ?? '')
  }

  #numbers(path: string): number[] {
    return (readText(this.#sys, path) ?? '')
      .split(' ')
      .map(Number)
      .filter(value => Number.isFinite(value))
  }
}
