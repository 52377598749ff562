/** Measurements of a guest whose agent has none: one small script, or what qemu-ga itself counts where scripts are blocked. */
import { setTimeout as sleep } from 'node:timers/promises'
import { RemoteError, type GuestTelemetry } from '@vireo/app-main/contract'
import type * as v from 'valibot'
import type { Asking } from '../guest-agent.ts'
import { output, type GuestShell } from '../shell/guest-shell.ts'
import { cpuPercent, cpuTicks, telemetryOfProc, type CpuTicks, type ProcTexts } from '../shell/measure.ts'
import { filesystemsOf, interfacesOf } from './facts.ts'
import * as schema from './schema.ts'
import type { Talk } from './talk.ts'

/** So many looks in a row may stay without an answer: a busy guest is not a dead one. */
const PATIENCE = 3

export interface Abilities {
  readonly shell: GuestShell | null
  readonly filesystems: boolean
  readonly interfaces: boolean
  readonly cpu: boolean
}

/** One process, which counts by itself and then becomes cat. */
const COUNTERS =
  'set -- /proc/[0-9]*; echo "processes $#"; exec cat /proc/loadavg /proc/uptime /proc/meminfo /proc/net/dev /proc/stat'

/** The kernel's texts are told apart by what they look like. */
const textsOf = (text: string): ProcTexts => ({
  ...{ stat: text, meminfo: text, netDev: text, addresses: null },
  loadavg: /^\d+\.\d+ \d+\.\d+ \d+\.\d+ \d+\/\d+ \d+$/m.exec(text)?.[0] ?? null,
  uptime: /^\d+\.\d+ \d+\.\d+$/m.exec(text)?.[0] ?? null,
  processCount: /^processes (\d+)$/m.exec(text)?.[1] ?? null,
})

export class Measurer {
  readonly #talk: Talk
  readonly #abilities: Abilities
  #before: CpuTicks | null = null

  constructor(talk: Talk, abilities: Abilities) {
    this.#talk = talk
    this.#abilities = abilities
  }

  async measure(asking: Asking): Promise<GuestTelemetry> {
    const { shell } = this.#abilities
    const sample = await (shell === null ? this.#byCommands(asking) : this.#byScript(shell, asking))
    if (!this.#abilities.filesystems) return sample
    const mounted = await this.#talk.ask('guest-get-fsinfo', schema.filesystems, asking)
    return { ...sample, filesystems: filesystemsOf(mounted) }
  }

  async watch(intervalSeconds: number, listener: (sample: GuestTelemetry) => void, signal: AbortSignal): Promise<void> {
    for (let missed = 0; !signal.aborted;) {
      const began = performance.now()
      try {
        const sample = await this.measure({ signal })
        missed = 0
        if (!signal.aborted) listener(sample)
      } catch (error) {
        if (signal.aborted) return
        const late = error instanceof RemoteError && error.detail.kind === 'timeout'
        if (!late || ++missed >= PATIENCE) throw error
      }
      const rest = Math.max(0, intervalSeconds * 1000 - (performance.now() - began))
      await sleep(rest, undefined, { signal }).catch(() => undefined)
    }
  }

  async #byScript(shell: GuestShell, asking: Asking): Promise<GuestTelemetry> {
    const texts = textsOf(await output(shell, COUNTERS, [], asking))
    const sample = telemetryOfProc(texts, this.#before, Date.now())
    this.#before = cpuTicks(texts.stat)
    if (!this.#abilities.interfaces) return sample
    // They come with their addresses, and without another process.
    const found = await this.#talk.ask('guest-network-get-interfaces', schema.interfaces, asking)
    return { ...sample, interfaces: interfacesOf(found).filter(({ name }) => name !== 'lo') }
  }

  async #byCommands(asking: Asking): Promise<GuestTelemetry> {
    const { cpu, interfaces } = this.#abilities
    const now = cpu ? ticksOf(await this.#talk.ask('guest-get-cpustats', schema.cpuStats, asking)) : null
    const found = interfaces ? await this.#talk.ask('guest-network-get-interfaces', schema.interfaces, asking) : []
    const sample: GuestTelemetry = {
      ...{ at: Date.now(), cpuPercent: cpuPercent(this.#before, now) },
      ...{ memoryTotalBytes: null, memoryAvailableBytes: null, swapTotalBytes: null, swapUsedBytes: null },
      ...{ load: null, filesystems: [], processCount: null, uptimeSeconds: null },
      interfaces: interfacesOf(found).filter(({ name }) => name !== 'lo'),
    }
    this.#before = now
    return sample
  }
}

const ticksOf = (stats: v.InferOutput<typeof schema.cpuStats>): CpuTicks => {
  let [busy, total] = [0, 0]
  for (const { user, system, idle, nice = 0, iowait = 0, irq = 0, softirq = 0, steal = 0 } of stats) {
    const worked = user + system + nice + irq + softirq + steal
    busy += worked
    total += worked + idle + iowait
  }
  return { busy, total }
}
