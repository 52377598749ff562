/** The three tasks on a guest that is a folder. */
import { RemoteError, type DomainId, type ExecMethod, type Task } from '../../../../contract/index.ts'
import { TaskRegistry } from '../../../task/task-registry.ts'
import type { Context } from '../../../context.ts'
import { agentSetup, type AgentSetup } from '../../agent-setup.ts'
import { guestPlaces, sha256Of, type AgentFiles } from '../agent-files.ts'
import { programOf, type FolderGuest } from './folder-guest.ts'

export const VERSION = '0.2.0'
export const CONFIG = '{ "log_level": "info" }\n'

const files = (): AgentFiles => {
  const binary = programOf(VERSION)
  return {
    ...{ binary, sha256: sha256Of(binary), config: Buffer.from(CONFIG) },
    ...{ systemdUnit: Buffer.from('[Unit]\n'), openRcScript: Buffer.from('#!/sbin/openrc-run\n') },
  }
}

const context: Context = { principal: { surface: 'cli', name: 'ada' }, signal: new AbortController().signal }

export interface SetupOptions {
  readonly method?: ExecMethod | 'auto'
  readonly answerMs?: number
  /** Cancels the task at this step. */
  readonly cancelAt?: string
  readonly files?: () => Promise<AgentFiles>
}

/** Runs one of them to its end; gives the task as it ended, and its steps. */
export const runSetup = async (
  guest: FolderGuest,
  name: keyof AgentSetup,
  { method = 'auto', answerMs = 10_000, cancelAt, files: load = async () => files() }: SetupOptions = {},
): Promise<Task & { readonly steps: readonly string[] }> => {
  const steps: string[] = []
  let ended: (task: Task) => void = () => undefined
  const end = new Promise<Task>(resolve => (ended = resolve))
  const tasks = new TaskRegistry(task => {
    if (task.step !== null && steps.at(-1) !== task.step) steps.push(task.step)
    if (task.state !== 'running') ended(task)
    else if (cancelAt !== undefined && task.step === cancelAt) queueMicrotask(() => cancelOnce(tasks, task))
  })
  const target = async () => guest
  const setup = agentSetup({ tasks, files: load, version: VERSION, target, places: guestPlaces(guest.root), answerMs })
  await setup[name]({ id: 'one@test:///default' as DomainId, method }, context)
  return { ...(await end), steps }
}

const cancelOnce = (tasks: TaskRegistry, { id }: Task): void => {
  try {
    tasks.cancel(id)
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error
  }
}
