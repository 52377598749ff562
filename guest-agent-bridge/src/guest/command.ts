/** One running program: its pipes, its end, and its end by force. */
import type { Children } from './children.ts'
import type { Loop, Timer } from './loop.ts'
import { PipeReader, PipeWriter } from './pipes.ts'
import { signals, type ProcessEnd, type SpawnSpec, type Sys } from './sys.ts'

export interface CommandSpec extends Omit<SpawnSpec, 'stdio'> {
  /** Give it an input to write to; else it reads an empty one. */
  readonly input: boolean
  /** Its output, or nothing of it. The pipe is read on when the promise resolves; undefined: at once. */
  readonly onOutput: ((stream: 'stdout' | 'stderr', bytes: Uint8Array) => Promise<void> | undefined) | null
  /** Milliseconds; null: no limit. */
  readonly timeout: number | null
  readonly onEnd: (end: CommandEnd) => void
}

export interface CommandEnd {
  readonly code: number | null
  readonly signal: number | null
  readonly timedOut: boolean
  readonly cancelled: boolean
  readonly milliseconds: number
}

/** What a command left running may still hold its output open; nobody waits for that. */
const LINGER = 100
const KILL_AFTER = 2000

export class Command {
  readonly pid: number
  readonly stdin: PipeWriter | null
  readonly #sys: Sys
  readonly #loop: Loop
  readonly #children: Children
  readonly #onEnd: (end: CommandEnd) => void
  readonly #begun: number
  #readers: PipeReader[] = []
  #end: ProcessEnd | null = null
  #timer: Timer | null = null
  #killTimer: Timer | null = null
  #timedOut = false
  #cancelled = false
  #killed = false
  #told = false

  /** Throws `SysError` when it cannot be started; then nothing stays behind. */
  constructor(sys: Sys, loop: Loop, children: Children, spec: CommandSpec) {
    this.#sys = sys
    this.#loop = loop
    this.#children = children
    this.#onEnd = spec.onEnd
    this.#begun = sys.monotonic()
    const input = spec.input ? sys.pipe() : null
    const outputs = spec.onOutput === null ? [] : [sys.pipe(), sys.pipe()]
    const [out, error] = outputs
    const theirs = [input?.[0] ?? -1, out?.[1] ?? -1, error?.[1] ?? -1] as const
    try {
      this.pid = sys.spawn({ ...spec, stdio: theirs })
    } catch (failure) {
      for (const fd of [input?.[1], ...outputs.map(pipe => pipe[0])]) if (fd !== undefined) sys.close(fd)
      throw failure
    } finally {
      for (const fd of theirs) if (fd >= 0) sys.close(fd)
    }
    this.stdin = input ? new PipeWriter(sys, loop, input[1]) : null
    this.#listen(spec, outputs)
    children.onEnd(this.pid, end => {
      this.#ended(end)
    })
    if (spec.timeout !== null) {
      this.#timer = loop.after(spec.timeout, () => {
        this.#timedOut = true
        this.kill()
      })
    }
  }

  get milliseconds(): number {
    return Math.round(this.#sys.monotonic() - this.#begun)
  }

  /** Ends the whole group by force. */
  kill(): void {
    this.signal(signals.SIGKILL)
    // Whoever left the group may hold the pipes open, and write for ever.
    this.#killed = true
    this.#linger()
  }

  /** Asks the whole group to end, and ends it two seconds later. */
  cancel(): void {
    if (this.#cancelled) return
    this.#cancelled = true
    this.signal(signals.SIGTERM)
    this.#killTimer = this.#loop.after(KILL_AFTER, () => {
      this.kill()
    })
  }

  /** The host has left: nobody waits for an orderly end. */
  abandon(): void {
    this.#cancelled = true
    this.kill()
  }

  signal(signal: number): void {
    // Its number may belong to somebody else once it was collected and its group is empty.
    if (this.#end === null || this.#readers.some(reader => reader.open)) this.#children.signalGroup(this.pid, signal)
  }

  #listen({ onOutput }: CommandSpec, outputs: readonly (readonly [number, number])[]): void {
    if (onOutput === null) return
    this.#readers = outputs.map(
      ([fd], index) =>
        new PipeReader(
          this.#sys,
          this.#loop,
          fd,
          bytes => onOutput(index === 0 ? 'stdout' : 'stderr', bytes),
          () => {
            this.#maybeTell()
          },
        ),
    )
  }

  #ended(end: ProcessEnd): void {
    this.#end = end
    this.stdin?.close()
    this.#maybeTell()
    if (!this.#told) this.#linger()
  }

  /** Gives the pipes as long as it takes to empty them, and a little more while nothing comes. */
  #linger(): void {
    this.#loop.after(LINGER, () => {
      if (this.#end === null || this.#told) return
      for (const reader of this.#readers) {
        if (this.#killed) reader.close()
        else reader.drain()
      }
    })
  }

  #maybeTell(): void {
    if (this.#told || this.#end === null || this.#readers.some(reader => reader.open)) return
    this.#told = true
    this.#timer?.cancel()
    this.#killTimer?.cancel()
    const { code, signal } = this.#end
    const { milliseconds } = this
    this.#onEnd({ code, signal, timedOut: this.#timedOut, cancelled: this.#cancelled, milliseconds })
  }
}
