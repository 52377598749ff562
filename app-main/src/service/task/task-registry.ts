/** Whatever takes longer than a second, from its start until an hour after its end. */
import { randomUUID } from 'node:crypto'
import type { Disposable } from '../../base/disposable.ts'
import { createLog } from '../../base/log.ts'
import { RemoteError, type AppError, type Offer, type Task, type TaskId, type TaskRef } from '../../contract/index.ts'
import type { Operation } from '../../hypervisor/driver.ts'

const RETENTION_MS = 60 * 60_000
const KEPT_ENDED = 500
/** Progress is news at most this often, in milliseconds. */
const NEWS_MS = 100
const log = createLog('task')

export interface TaskSpec {
  /** The contract call that started it. */
  readonly room: string
  readonly name: string
  readonly target: string
  readonly targetName: string
  /** False: refused while another task works on the target. True: the way out of such a task. */
  readonly overrides: boolean
  /** What it is called in messages, for instance `Start`. */
  readonly title: string
  /** The way back after success, and the next step after a failure. */
  readonly undo?: Offer | undefined
  readonly remedy?: ((error: AppError) => Offer | null) | undefined
}

interface Live {
  task: Task
  readonly spec: TaskSpec
  readonly controller: AbortController
  toldAt: number
}

const asAppError = (error: unknown, title: string): AppError => {
  if (error instanceof RemoteError) return error.detail
  log.error('unforeseen failure', { title, error })
  return { kind: 'internal', message: `${title} failed inside Vireo: ${String(error)}` }
}

export class TaskRegistry implements Disposable {
  readonly #tasks = new Map<string, Live>()
  readonly #publish: (task: Task) => void
  readonly #now: () => number

  constructor(publish: (task: Task) => void, now: () => number = Date.now) {
    this.#publish = publish
    this.#now = now
  }

  /** Starts work in the background. Throws kind `precondition` while another task works on the same target. */
  start(spec: TaskSpec, work: (operation: Operation) => Promise<void>): TaskRef {
    this.#forget()
    const rival = [...this.#tasks.values()].find(
      ({ task }) => task.state === 'running' && task.target === spec.target && !spec.overrides,
    )
    if (rival) {
      throw new RemoteError({
        kind: 'precondition',
        message: `${spec.title} of ${spec.targetName} must wait: "${rival.spec.title}" is still under way there.`,
        hint: 'Wait until it ends, or cancel it.',
      })
    }
    const { room, name, target, targetName } = spec
    const id = randomUUID() as TaskId
    const blank = { progress: null, step: null, error: null, offer: null, endedAt: null }
    const task: Task = { id, room, name, target, targetName, state: 'running', ...blank, startedAt: this.#now() }
    const live: Live = { task, spec, controller: new AbortController(), toldAt: 0 }
    this.#tasks.set(id, live)
    this.#change(live, {})
    void this.#run(live, work)
    return { taskId: id }
  }

  list(): Task[] {
    this.#forget()
    return [...this.#tasks.values()].map(({ task }) => task)
  }

  /** Asks a task to stop; that it did is told by its state. Throws `not-found` or `precondition`. */
  cancel(id: TaskId): void {
    const live = this.#tasks.get(id)
    if (!live) throw new RemoteError({ kind: 'not-found', message: 'There is no such task, or it ended long ago.' })
    if (live.task.state !== 'running') {
      throw new RemoteError({ kind: 'precondition', message: 'The task has already ended.' })
    }
    live.controller.abort(new RemoteError({ kind: 'cancelled', message: `${live.spec.title} was cancelled.` }))
  }

  dispose(): void {
    for (const { task, controller, spec } of this.#tasks.values()) {
      if (task.state !== 'running') continue
      controller.abort(new RemoteError({ kind: 'cancelled', message: `Vireo ended during ${spec.title}.` }))
    }
  }

  async #run(live: Live, work: (operation: Operation) => Promise<void>): Promise<void> {
    const { spec, controller } = live
    const { signal } = controller
    const progress = (step: string, fraction?: number) => {
      if (live.task.state !== 'running') return
      const same = step === live.task.step && this.#now() - live.toldAt < NEWS_MS
      const known = fraction === undefined ? null : Math.min(1, Math.max(0, fraction))
      this.#change(live, { step, progress: known }, same)
    }
    let end: Partial<Task>
    try {
      await work({ signal, progress })
      end = { state: 'done', progress: 1, offer: spec.undo ?? null }
    } catch (thrown) {
      const error = asAppError(thrown, spec.title)
      const cancelled = signal.aborted || error.kind === 'cancelled'
      end = { state: cancelled ? 'cancelled' : 'failed', error, offer: spec.remedy?.(error) ?? null }
    }
    this.#change(live, { ...end, endedAt: this.#now() })
  }

  #change(live: Live, change: Partial<Task>, quiet = false): void {
    live.task = { ...live.task, ...change }
    if (quiet) return
    live.toldAt = this.#now()
    this.#publish(live.task)
  }

  #forget(): void {
    const ended = [...this.#tasks.values()].filter(({ task }) => task.endedAt !== null)
    ended.forEach(({ task }, index) => {
      const old = this.#now() - (task.endedAt ?? 0) > RETENTION_MS
      if (old || index < ended.length - KEPT_ENDED) this.#tasks.delete(task.id)
    })
  }
}
