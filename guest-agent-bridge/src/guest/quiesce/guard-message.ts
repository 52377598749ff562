/** What the agent and its guard say to each other, one JSON object a line. */
import * as v from 'valibot'
import { HookResult } from './hooks.ts'

/** The guard's first line of input. The second one, whatever it says, or the end of the input, thaws. */
export const GuardJob = v.object({
  targets: v.array(
    v.object({ mount_point: v.string(), device: v.string(), fs_type: v.string(), optional: v.boolean() }),
  ),
  timeout_ms: v.number(),
  /** Where to write down what is frozen. */
  note: v.string(),
  /** Null: no hooks. */
  pre_directory: v.nullable(v.string()),
  post_directory: v.nullable(v.string()),
})
export type GuardJob = v.InferOutput<typeof GuardJob>

export const thawReasons = ['asked', 'timeout', 'orphaned'] as const
export type ThawReason = (typeof thawReasons)[number]

export const GuardEvent = v.variant('event', [
  v.object({
    event: v.literal('frozen'),
    /** Indices of the job's targets. */
    frozen: v.array(v.number()),
    auto_thaw_at_ms: v.number(),
    hooks: v.array(HookResult),
  }),
  /** Nothing is frozen, nor was; or it was and is not any more. */
  v.object({ event: v.literal('failed'), message: v.string(), hooks: v.array(HookResult) }),
  v.object({ event: v.literal('thawed'), why: v.picklist(thawReasons), thawed: v.number(), frozen_ms: v.number() }),
  /** The last one. */
  v.object({ event: v.literal('done'), hooks: v.array(HookResult) }),
])
export type GuardEvent = v.InferOutput<typeof GuardEvent>
