/** The one door for every surface. */
import type { Duplex } from 'node:stream'
import type { Disposable } from '../base/disposable.ts'
import type { Listen } from '../base/emitter.ts'
import type { AppError, Reply } from '../contract/index.ts'
import type { Principal } from '../service/context.ts'

export type { Principal } from '../service/context.ts'

export interface PublishedEvent {
  readonly room: string
  readonly name: string
  readonly payload: unknown
}

export type Opened = { readonly ok: true; readonly stream: Duplex } | { readonly ok: false; readonly error: AppError }

/** Never throws and never rejects: every failure is data. */
export interface Dispatcher extends Disposable {
  call(principal: Principal, room: string, name: string, input: unknown, signal?: AbortSignal): Promise<Reply>
  open(principal: Principal, room: string, name: string, input: unknown): Promise<Opened>
  readonly onEvent: Listen<PublishedEvent>
}
