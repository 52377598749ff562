/** How a method of the Vireo agent is declared: once, for the agent that answers and the host that asks. */
import type { GenericSchema, InferInput, InferOutput } from 'valibot'

/** A request and its answer. Unknown members are dropped by both sides, so that either may learn new ones first. */
export interface Method<
  Name extends string = string,
  Params extends GenericSchema = GenericSchema,
  Result extends GenericSchema = GenericSchema,
> {
  readonly name: Name
  /** Absent params are checked as `{}`. */
  readonly params: Params
  readonly result: Result
}

/** A message that is never answered. Those of the agent begin nothing on the host. */
export interface Notice<Name extends string = string, Params extends GenericSchema = GenericSchema> {
  readonly name: Name
  readonly params: Params
}

/** What the asking side writes: members with a default may be left out. */
export type ParamsInput<M extends Method> = InferInput<M['params']>
/** What the agent's handler gets: checked, defaults filled in. */
export type ParamsOf<M extends Method> = InferOutput<M['params']>
export type ResultOf<M extends Method> = InferOutput<M['result']>
export type NoticeOf<N extends Notice> = InferOutput<N['params']>

export function method<Name extends string, Params extends GenericSchema, Result extends GenericSchema>(
  name: Name,
  params: Params,
  result: Result,
): Method<Name, Params, Result> {
  return { name, params, result }
}

export function notice<Name extends string, Params extends GenericSchema>(
  name: Name,
  params: Params,
): Notice<Name, Params> {
  return { name, params }
}
