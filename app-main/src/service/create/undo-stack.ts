/** The way back of something with many steps. */
import { createLog } from '../../base/log.ts'
import { RemoteError } from '../../contract/index.ts'

const log = createLog('create')

export class UndoStack {
  readonly #steps: { readonly what: string; readonly undo: () => Promise<void> }[] = []

  /** Said before the step is taken: a call that failed may have been done all the same. Undoing nothing must be fine. */
  push(what: string, undo: () => Promise<void>): void {
    this.#steps.push({ what, undo })
  }

  /** Undoes all, the last first. One that cannot be undone does not keep the others from it. Gives what is left. */
  async unwind(): Promise<string[]> {
    const left: string[] = []
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        await step.undo()
      } catch (error) {
        log.warn('could not be undone', { what: step.what, error })
        left.push(step.what)
      }
    }
    return left
  }
}

/** Keeps in mind what is to be undone, for when this process cannot do it. */
export interface Reminder {
  /** Before anything is undone. */
  begin(): Promise<void>
  /** Everything is undone. */
  forget(): Promise<void>
  /** Something is left. */
  leave(): Promise<void>
}

const reminded = async (what: () => Promise<void>): Promise<void> => {
  await what().catch((error: unknown) => log.warn('what is to be undone is not noted', { error }))
}

/** Runs `work`; when it fails, everything is undone before its failure is told. */
export const undoable = async (work: (undo: UndoStack) => Promise<void>, reminder: Reminder): Promise<void> => {
  const undo = new UndoStack()
  try {
    await work(undo)
  } catch (error) {
    await reminded(() => reminder.begin())
    const left = await undo.unwind()
    await reminded(() => (left.length === 0 ? reminder.forget() : reminder.leave()))
    if (left.length === 0) throw error
    const detail = error instanceof RemoteError ? error.detail : { kind: 'internal' as const, message: String(error) }
    const message = `${detail.message} What is left could not be removed: ${left.join(', ')}.`
    throw new RemoteError({ ...detail, message }, { cause: error })
  }
}
