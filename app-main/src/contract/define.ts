/** The vocabulary in which every room of the contract is written. */
import type { z } from 'zod'
import type { ByteStream } from './byte-stream.ts'

/**
 * What a call does to the world; policy, audit and confirmation follow from it. `inspect` changes nothing and is not
 * recorded, as `read`, but tells what is only for who has full access.
 */
export type Effect = 'read' | 'inspect' | 'change' | 'destroy'

/** Whether a call changes nothing, so that it may be asked again and is not worth a record. */
export const changesNothing = (effect: Effect): boolean => effect === 'read' || effect === 'inspect'

/** What a call acts on: surfaces resolve names for it and offer it in that thing's menus. */
export type Target = 'domain' | 'connection'

interface Described {
  /** One English sentence for help texts and API documents. */
  readonly summary: string
  /** Short imperative English name; a titled entry appears in palette and menus (translation key `call.<room>.<name>`). */
  readonly title?: string
  /** The word on the command line; an entry without one is not a command. */
  readonly verb?: string
  readonly target?: Target
  /** Domain states in which the entry makes sense; elsewhere the control is disabled with the reason. */
  readonly when?: readonly string[]
}

/** One request with one answer. */
export interface Call<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> extends Described {
  readonly kind: 'call'
  readonly input: I
  readonly output: O
  readonly effect: Effect
  /** The question asked before a call with effect `destroy` runs. `{name}` is replaced by the target's name. */
  readonly confirm?: string
  /** How long the answer may take, in milliseconds (default 30 000). */
  readonly deadlineMs?: number
}

/** A fact pushed to every subscriber. */
export interface Event<P extends z.ZodType = z.ZodType> {
  readonly kind: 'event'
  readonly payload: P
}

/** Bytes in both directions with back-pressure; never carried inside calls. */
export interface Stream<I extends z.ZodType = z.ZodType> extends Described {
  readonly kind: 'stream'
  readonly input: I
  readonly effect: Effect
  /** How long opening may take, in milliseconds (default 30 000). */
  readonly deadlineMs?: number
}

export const call = <I extends z.ZodType, O extends z.ZodType>(spec: Omit<Call<I, O>, 'kind'>): Call<I, O> => ({
  kind: 'call',
  ...spec,
})
export const event = <P extends z.ZodType>(payload: P): Event<P> => ({ kind: 'event', payload })
export const stream = <I extends z.ZodType>(spec: Omit<Stream<I>, 'kind'>): Stream<I> => ({ kind: 'stream', ...spec })

// `any` is needed here and only here: a room holds entries of unrelated schemas, and zod's types are invariant.
/* oxlint-disable typescript/no-explicit-any */
export type Entry = Call<any, any> | Event<any> | Stream<any>
export type Room = Readonly<Record<string, Entry>>
export type Contract = Readonly<Record<string, Room>>

type CallIn<E> = E extends Call<infer I, any> ? z.input<I> : never
type CallParsed<E> = E extends Call<infer I, any> ? z.output<I> : never
type CallOut<E> = E extends Call<any, infer O> ? z.output<O> : never
type StreamIn<E> = E extends Stream<infer I> ? z.input<I> : never
type StreamParsed<E> = E extends Stream<infer I> ? z.output<I> : never
type Payload<E> = E extends Event<infer P> ? z.output<P> : never

type CallNames<R> = { [K in keyof R]: R[K] extends Call<any, any> ? K : never }[keyof R]
type EventNames<R> = { [K in keyof R]: R[K] extends Event<any> ? K : never }[keyof R]
type StreamNames<R> = { [K in keyof R]: R[K] extends Stream<any> ? K : never }[keyof R]
/* oxlint-enable typescript/no-explicit-any */

/** What the services implement: every call and every stream, no more, no less. `S` is the server's byte stream type, `X` the request context. */
export type Handlers<C extends Contract, X, S> = {
  readonly [R in keyof C]: {
    readonly [K in CallNames<C[R]>]: (input: CallParsed<C[R][K]>, context: X) => Promise<CallOut<C[R][K]>>
  } & {
    readonly [K in StreamNames<C[R]>]: (input: StreamParsed<C[R][K]>, context: X) => Promise<S>
  }
}

/** What a surface sees: calls, event subscriptions (each returns its disposer) and byte streams. */
export type Client<C extends Contract> = {
  readonly [R in keyof C]: {
    readonly [K in CallNames<C[R]>]: (input: CallIn<C[R][K]>) => Promise<CallOut<C[R][K]>>
  } & {
    readonly [K in EventNames<C[R]>]: (listener: (payload: Payload<C[R][K]>) => void) => () => void
  } & {
    readonly [K in StreamNames<C[R]>]: (input: StreamIn<C[R][K]>) => Promise<ByteStream>
  }
}

/** Publishes one event of the contract; unknown names and wrong payloads do not compile. */
export type Publish<C extends Contract> = <R extends keyof C & string, K extends EventNames<C[R]> & string>(
  room: R,
  name: K,
  payload: Payload<C[R][K]>,
) => void
