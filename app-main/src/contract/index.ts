/** THE contract: calls, events and byte streams, said once and used by every surface. */
import { app } from './app.ts'
import { connection } from './connection.ts'
import { create } from './create.ts'
import type { Client, Handlers, Publish } from './define.ts'
import { domain } from './domain-calls.ts'
import { forward } from './forward.ts'
import { guest } from './guest-calls.ts'
import { host } from './host.ts'
import { image } from './image.ts'
import { media } from './media.ts'
import { network } from './network.ts'
import { lxd } from './lxd.ts'
import { ssh } from './ssh.ts'
import { task } from './task.ts'

export * from './app.ts'
export * from './byte-pipe.ts'
export * from './byte-stream.ts'
export * from './connection.ts'
export * from './create.ts'
export * from './create-draft.ts'
export * from './create-words.ts'
export * from './define.ts'
export * from './describe.ts'
export * from './domain.ts'
export * from './domain-calls.ts'
export * from './error.ts'
export * from './feature.ts'
export * from './first-boot.ts'
export * from './given-bytes.ts'
export * from './exec-frames.ts'
export * from './upload-start.ts'
export * from './forward.ts'
export * from './guest.ts'
export * from './guest-calls.ts'
export * from './host.ts'
export * from './host-words.ts'
export * from './image.ts'
export * from './media.ts'
export * from './network.ts'
export * from './network-words.ts'
export * from './lxd.ts'
export * from './ssh.ts'
export * from './stream-hello.ts'
export * from './task.ts'
export * from './terminal-frames.ts'

export const contract = {
  app,
  connection,
  create,
  domain,
  forward,
  guest,
  host,
  image,
  media,
  network,
  lxd,
  ssh,
  task,
} as const
export type VireoContract = typeof contract
export type VireoClient = Client<VireoContract>
export type VireoHandlers<X, S> = Handlers<VireoContract, X, S>
export type VireoPublish = Publish<VireoContract>
