/** First starts of machines that this process made. */
import {
  RemoteError,
  splitDomainId,
  type DomainId,
  type FirstBoot,
  type TaskRef,
  type VireoPublish,
} from '../../contract/index.ts'
import type { TaskRegistry } from '../task/task-registry.ts'
import { bootNews, expectedSteps, FirstBootWatch, type BootExpectation, type BootView } from './first-boot.ts'

export interface BootDeskOptions {
  readonly tasks: TaskRegistry
  readonly publish: VireoPublish
  readonly view: (id: DomainId) => BootView
}

/** Machines that are remembered; who makes more forgets the oldest. */
const MOST = 200

interface Known {
  readonly expected: BootExpectation
  news: FirstBoot
  /** The wait that is under way: whoever wants the same waits for the same. */
  task: TaskRef | null
}

export class BootDesk {
  readonly #options: BootDeskOptions
  readonly #known = new Map<DomainId, Known>()

  constructor(options: BootDeskOptions) {
    this.#options = options
  }

  /** Says what there will be to wait for. */
  expect(id: DomainId, expected: BootExpectation): void {
    this.#known.set(id, { expected, news: { id, ...bootNews(expected, expectedSteps(expected), null) }, task: null })
    for (const [oldest] of this.#known) {
      if (this.#known.size <= MOST) return
      this.#known.delete(oldest)
    }
  }

  state(id: DomainId): FirstBoot | null {
    return this.#known.get(id)?.news ?? null
  }

  /** Rejects with `not-found` for machines that somebody else made. */
  begin(id: DomainId): TaskRef {
    const known = this.#known.get(id)
    if (!known) {
      const message = `This Vireo did not make ${splitDomainId(id).key}, and cannot tell what its first start is to bring.`
      throw new RemoteError({ kind: 'not-found', message, hint: 'Its console and its agent tell how far it is.' })
    }
    if (known.task) return known.task
    const { tasks, publish, view } = this.#options
    const watch = new FirstBootWatch(view(id), known.expected, news => {
      known.news = { id, ...news }
      publish('create', 'bootChanged', known.news)
    })
    const spec = { room: 'create', name: 'firstBoot', title: 'First start', targetName: known.expected.name }
    // Not the machine itself: whoever wants to stop it meanwhile must not have to wait.
    known.task = tasks.start({ ...spec, target: `first-boot:${id}`, overrides: true }, async operation => {
      try {
        await watch.run(operation)
      } finally {
        known.task = null
      }
    })
    return known.task
  }
}
