/** What every one of the three tasks works with. */
import { RemoteError } from '../../../contract/index.ts'
import type { Operation } from '../../../hypervisor/driver.ts'
import { createLog } from '../../../base/log.ts'
import type { GuestPlaces, LoadAgentFiles } from './agent-files.ts'
import type { SetupTarget } from './setup-target.ts'

export interface SetupContext {
  readonly target: SetupTarget
  readonly operation: Operation
  readonly files: LoadAgentFiles
  readonly places: GuestPlaces
  /** Of the agent that this Vireo brings. */
  readonly version: string
  /** How long a new agent may take until it answers, in milliseconds. */
  readonly answerMs: number
}

const log = createLog('agent-setup')
/** What was begun is undone even after the task was cancelled, but not for ever. */
const UNDO_MS = 120_000

type UndoStep = (signal: AbortSignal) => Promise<unknown>

/** Runs work; when it fails or is cancelled, what it noted in `undo` is done, the last first, before the failure is told. */
export const orUndo = async <T>(what: string, work: (undo: (step: UndoStep) => void) => Promise<T>): Promise<T> => {
  const steps: UndoStep[] = []
  try {
    return await work(step => void steps.unshift(step))
  } catch (error) {
    let left = 0
    for (const step of steps) {
      await step(AbortSignal.timeout(UNDO_MS)).catch((reason: unknown) => {
        left++
        log.warn('a step could not be undone', { what, reason })
      })
    }
    if (left === 0 || !(error instanceof RemoteError)) throw error
    const hint = [error.detail.hint, 'Not all that was begun could be undone.'].filter(Boolean).join(' ')
    throw new RemoteError({ ...error.detail, hint }, { cause: error })
  }
}

/** Adds a channel, and takes it away again if it was not there before and what follows fails. */
export const plugChannel = async (
  target: SetupTarget,
  name: string,
  undo: (step: UndoStep) => void,
): Promise<{ needsRestart: boolean }> => {
  const before = await target.channels()
  if (before.includes(name)) return { needsRestart: false }
  undo(() => target.detachChannel(name))
  return target.attachChannel(name)
}

/** All is in place, but the running machine has no channel for it yet. */
export class RestartNeeded extends RemoteError {
  constructor(what: string, name: string) {
    const message = `${what} is installed in “${name}”, but its channel could not be added while the machine runs.`
    const hint = 'Shut the machine down and start it again (a reboot from inside is not enough): then it answers.'
    super({ kind: 'precondition', message, hint })
    this.name = 'RestartNeeded'
  }
}
