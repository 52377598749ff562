/** What the commands of one action wrote, told as it comes but not for every line. */
import type { AppError, HostLog } from '../../contract/index.ts'

/** Lines kept of one action. */
const KEPT = 500
/** Lines are news at most this often, milliseconds. */
const NEWS_MS = 100

type About = Pick<HostLog, 'taskId' | 'hypervisor' | 'action' | 'undo'>
type End = Exclude<HostLog['state'], 'running'>

export class ActionLog {
  readonly #about: About
  readonly #tell: (log: HostLog) => void
  readonly #startedAt = Date.now()
  #lines: string[] = []
  #dropped = 0
  #timer: NodeJS.Timeout | undefined

  /** Tells at once that it has begun. */
  constructor(about: About, tell: (log: HostLog) => void) {
    this.#about = about
    this.#tell = tell
    this.#say('running')
  }

  get lines(): readonly string[] {
    return this.#lines
  }

  readonly add = (line: string): void => {
    this.#lines.push(line)
    if (this.#lines.length > KEPT) {
      this.#lines.shift()
      this.#dropped++
    }
    // Also what is written before a long silence is told.
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#say('running')
    }, NEWS_MS)
  }

  end(state: End, error: AppError | null, undoable: boolean): void {
    clearTimeout(this.#timer)
    this.#say(state, error, undoable)
  }

  #say(state: HostLog['state'], error: AppError | null = null, undoable = false): void {
    const { startedAt, lines, dropped } = {
      startedAt: this.#startedAt,
      lines: [...this.#lines],
      dropped: this.#dropped,
    }
    this.#tell({ ...this.#about, state, error, undoable, startedAt, lines, dropped })
  }
}
