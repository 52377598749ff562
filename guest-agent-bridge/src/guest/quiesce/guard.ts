/**
 * The guard: a process of its own that freezes and, whatever becomes of the agent or the host, thaws. It is the same program,
 * started as `--quiesce-guard`. It thaws when it is told to, when its time is over, when the agent is gone (end of input) and
 * when it is asked to end (SIGTERM).
 */
import * as v from 'valibot'
import type { Loop } from '../loop.ts'
import type { Runner } from '../runner.ts'
import { failedWith, here, pollIn, signals, SysError, type Sys } from '../sys.ts'
import { removeNote, writeNote } from './frozen-note.ts'
import { GuardJob, type GuardEvent, type ThawReason } from './guard-message.ts'
import { runHooks, type HookResult } from './hooks.ts'
import type { Target } from './freeze-plan.ts'

const SYNC_MS = 20_000
const MAX_JOB_BYTES = 1024 * 1024

export interface GuardPorts {
  readonly sys: Sys
  readonly loop: Loop
  readonly runner: Runner
}

class FreezeFailed extends Error {}

interface Held {
  readonly index: number
  readonly fd: number
}

const input = 0
const output = 1

class Guard {
  readonly #ports: GuardPorts
  readonly #job: GuardJob
  #held: Held[] = []
  #frozenAt = 0

  constructor(ports: GuardPorts, job: GuardJob) {
    this.#ports = ports
    this.#job = job
  }

  async run(wake: Wake): Promise<void> {
    const hooks = await this.#hooks('freeze')
    const failed = hooks.find(hook => hook.exit_code !== 0)
    try {
      if (failed !== undefined) throw new FreezeFailed(`The hook ${failed.name} failed: ${failed.output.trim()}`)
      await this.#freeze()
    } catch (error) {
      if (!(error instanceof FreezeFailed) && !(error instanceof SysError)) throw error
      this.#thaw()
      await this.#hooks('thaw')
      return this.#say({ event: 'failed', message: error.message, hooks })
    }
    await this.#rest(wake, hooks)
  }

  async #rest(wake: Wake, hooks: HookResult[]): Promise<void> {
    const { sys } = this.#ports
    const left = this.#job.timeout_ms - (sys.monotonic() - this.#frozenAt)
    const auto_thaw_at_ms = Math.trunc(sys.now() + left)
    this.#say({ event: 'frozen', frozen: this.#held.map(({ index }) => index), auto_thaw_at_ms, hooks })
    const why = await wake.wait(left)
    const thawed = this.#thaw()
    this.#say({ event: 'thawed', why, thawed, frozen_ms: Math.trunc(sys.monotonic() - this.#frozenAt) })
    this.#say({ event: 'done', hooks: await this.#hooks('thaw') })
  }

  async #hooks(word: 'freeze' | 'thaw'): Promise<HookResult[]> {
    const { sys, runner } = this.#ports
    const directory = word === 'freeze' ? this.#job.pre_directory : this.#job.post_directory
    return directory === null ? [] : runHooks(sys, runner, directory, word)
  }

  async #freeze(): Promise<void> {
    const { sys } = this.#ports
    const { readOnly, directory, closeOnExec } = sys.open
    const open = this.#job.targets.map((target, index) => ({
      target,
      index,
      fd: sys.openAt(here, target.mount_point, readOnly | directory | closeOnExec),
    }))
    await this.#flush()
    const mountPoints = this.#job.targets.map(target => target.mount_point)
    writeNote(sys, mountPoints, this.#job.note)
    this.#frozenAt = sys.monotonic()
    for (const { target, index, fd } of open) {
      if (this.#freezeOne(target, fd)) this.#held.push({ index, fd })
      else sys.close(fd)
      const late = sys.monotonic() - this.#frozenAt >= this.#job.timeout_ms
      if (late) throw new FreezeFailed(`Freezing ${target.mount_point} took longer than the whole time allowed`)
    }
    if (this.#held.length === 0) throw new FreezeFailed('No filesystem here can be frozen')
  }

  /** Most of what has to be written is written before the first filesystem rests. */
  async #flush(): Promise<void> {
    try {
      const paths = this.#job.targets.map(target => target.mount_point)
      await this.#ports.runner.run({ args: ['sync', '-f', ...paths], timeout: SYNC_MS })
    } catch (error) {
      // A guest without it: the freeze itself flushes as well.
      if (!failedWith(error, 'ENOENT')) throw error
    }
  }

  #freezeOne(target: Target, fd: number): boolean {
    try {
      this.#ports.sys.freeze(fd)
      return true
    } catch (error) {
      if (!(error instanceof SysError)) throw error
      if (target.optional && error.code === 'EOPNOTSUPP') return false
      throw new FreezeFailed(`Cannot freeze ${target.mount_point}: ${error.message}`)
    }
  }

  /** The last one first. Each gets its try; what cannot be thawed was thawed by somebody else. */
  #thaw(): number {
    const { sys } = this.#ports
    let thawed = 0
    for (const { fd } of this.#held.toReversed()) {
      try {
        sys.thaw(fd)
        thawed++
      } catch (error) {
        if (!(error instanceof SysError)) throw error
      }
      sys.close(fd)
    }
    this.#held = []
    removeNote(sys, this.#job.note)
    return thawed
  }

  /** The agent may be gone. */
  #say(event: GuardEvent): void {
    const { sys } = this.#ports
    try {
      sys.write(output, sys.encode(`${JSON.stringify(event)}\n`))
    } catch (error) {
      if (!failedWith(error, 'EPIPE', 'EAGAIN')) throw error
    }
  }
}

/** Collects the lines of input, and every reason to thaw, also one that comes before anybody waits for it. */
class Wake {
  readonly job: Promise<string | null>
  readonly #loop: Loop
  #reason: ThawReason | null = null
  #listener: ((why: ThawReason) => void) | null = null

  constructor({ sys, loop }: GuardPorts) {
    this.#loop = loop
    const { promise, resolve } = Promise.withResolvers<string | null>()
    this.job = promise
    let text = ''
    const watch = loop.watch(input, pollIn, () => {
      const buffer = new Uint8Array(65_536)
      const count = sys.read(input, buffer)
      text += sys.decode(buffer.subarray(0, count))
      const lines = text.split('\n')
      if (lines.length > 1 || count === 0) resolve(lines.length > 1 ? (lines[0] ?? null) : null)
      if (lines.length > 2) this.#fire('asked')
      if (count > 0 && text.length < MAX_JOB_BYTES) return
      watch.stop()
      this.#fire('orphaned')
    })
    for (const signal of [signals.SIGTERM, signals.SIGINT, signals.SIGHUP]) {
      loop.onSignal(signal, () => this.#fire('orphaned'))
    }
  }

  #fire(why: ThawReason): void {
    this.#reason ??= why
    this.#listener?.(this.#reason)
  }

  wait(milliseconds: number): Promise<ThawReason> {
    return new Promise(resolve => {
      if (this.#reason !== null) return resolve(this.#reason)
      const timer = this.#loop.after(milliseconds, () => this.#fire('timeout'))
      this.#listener = why => {
        timer.cancel()
        resolve(why)
      }
    })
  }
}

/** Runs the whole life of a guard; when it resolves, the process may end. */
export const runGuard = async (ports: GuardPorts): Promise<void> => {
  const wake = new Wake(ports)
  const text = await wake.job
  if (text === null) return
  await new Guard(ports, v.parse(GuardJob, JSON.parse(text))).run(wake)
}
