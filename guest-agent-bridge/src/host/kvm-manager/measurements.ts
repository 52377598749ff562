/** Telemetry from an agent that pushes none: asked for, one question at a time. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { GuestFilesystem, GuestTelemetry } from '@vireo/app-main/contract'
import type { Asking } from '../guest-agent.ts'
import { AgentRefusal } from '../rpc-failure.ts'
import { output } from '../shell/guest-shell.ts'
import {
  cpuTicks,
  MEASURE_SCRIPT,
  readMeasure,
  telemetryOfProc,
  type CpuTicks,
  type ProcTexts,
} from '../shell/measure.ts'
import type { KvmManagerCommands } from './commands.ts'
import type { KvmManagerConversation } from './conversation.ts'
import { ReadResult } from './methods.ts'

/** A first measurement has none before it to be compared with. */
const FIRST_MS = 200

export class KvmManagerMeasurements {
  readonly #talk: KvmManagerConversation
  readonly #commands: KvmManagerCommands
  readonly #filesystems: (asking: Asking) => Promise<GuestFilesystem[]>
  #before: CpuTicks | null = null

  constructor(
    talk: KvmManagerConversation,
    commands: KvmManagerCommands,
    filesystems: (asking: Asking) => Promise<GuestFilesystem[]>,
  ) {
    this.#talk = talk
    this.#commands = commands
    this.#filesystems = filesystems
  }

  async measure(asking: Asking): Promise<GuestTelemetry> {
    if (this.#before === null) {
      this.#before = cpuTicks(await this.#file('/proc/stat', asking))
      await sleep(FIRST_MS, undefined, { signal: asking.signal }).catch(() => undefined)
    }
    const texts = await this.#texts(asking)
    const sample = telemetryOfProc(texts, this.#before, Date.now())
    this.#before = cpuTicks(texts.stat)
    return { ...sample, filesystems: await this.#filesystems(asking) }
  }

  async #texts(asking: Asking): Promise<ProcTexts> {
    if (this.#commands.hasShell) return readMeasure(await output(this.#commands, MEASURE_SCRIPT, [], asking))
    return {
      stat: await this.#file('/proc/stat', asking),
      meminfo: await this.#file('/proc/meminfo', asking),
      loadavg: await this.#file('/proc/loadavg', asking),
      uptime: await this.#file('/proc/uptime', asking),
      netDev: await this.#file('/proc/net/dev', asking),
      ...{ addresses: null, processCount: null },
    }
  }

  /** Null where the agent's rules forbid it. */
  async #file(path: string, asking: Asking): Promise<string | null> {
    try {
      if (this.#commands.hasShell) return await output(this.#commands, 'cat "$1"', [path], asking)
      return (await this.#talk.call('file_read', ReadResult, { path }, asking.signal)).content
    } catch (error) {
      if (error instanceof AgentRefusal) return null
      throw error
    }
  }
}
