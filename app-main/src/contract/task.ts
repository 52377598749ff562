/** Tasks: whatever takes longer than a second reports here, and can be cancelled. */
import { z } from 'zod'
import { call, event } from './define.ts'
import { AppError } from './error.ts'

export const TaskId = z.uuid().brand<'TaskId'>()
export type TaskId = z.infer<typeof TaskId>

/** What a long call answers at once. */
export const TaskRef = z.object({ taskId: TaskId })
export type TaskRef = z.infer<typeof TaskRef>

export const TaskState = z.enum(['running', 'done', 'failed', 'cancelled'])
export type TaskState = z.infer<typeof TaskState>

/** A next step that a person may want, for instance to force a machine off that ignored its power button. */
export const Offer = z.object({ room: z.string(), name: z.string(), input: z.record(z.string(), z.unknown()) })
export type Offer = z.infer<typeof Offer>

export const Task = z.object({
  id: TaskId,
  /** The contract call that started it. */
  room: z.string(),
  name: z.string(),
  /** Id of the domain or URI of the connection it works on, and that thing's name for people. */
  target: z.string().nullable(),
  targetName: z.string().nullable(),
  state: TaskState,
  /** 0 to 1, null when unknown. */
  progress: z.number().min(0).max(1).nullable(),
  /** The step under way, an English sentence. */
  step: z.string().nullable(),
  error: AppError.nullable(),
  /** The next step after an end, or the way back. */
  offer: Offer.nullable(),
  /** Epoch milliseconds. */
  startedAt: z.number(),
  endedAt: z.number().nullable(),
})
export type Task = z.infer<typeof Task>

export const task = {
  list: call({
    summary: 'Lists running tasks and those that ended in the last hour.',
    effect: 'read',
    input: z.object({}),
    output: z.array(Task),
  }),
  cancel: call({
    summary: 'Cancels a running task; what it half did is undone where that is possible.',
    effect: 'change',
    input: TaskRef,
    output: z.object({}),
  }),
  changed: event(Task),
} as const
