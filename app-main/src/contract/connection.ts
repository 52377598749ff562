/** Connections: the daemons whose machines Vireo shows. */
import { z } from 'zod'
import { call, event } from './define.ts'
import { AppError } from './error.ts'
import { FeatureSheet } from './feature.ts'

/** A connection is named by its URI, for instance `qemu:///system`. */
export const ConnectionUri = z.string().min(1).max(1024).brand<'ConnectionUri'>()
export type ConnectionUri = z.infer<typeof ConnectionUri>

export const HypervisorKind = z.enum(['kvm', 'lxd', 'virtualbox', 'podman', 'test', 'other'])
export type HypervisorKind = z.infer<typeof HypervisorKind>

/**
 * `connecting`: first attempt under way. `ready`: live. `lost`: was ready, is being retried, the list is the last known one.
 * `not-responding`: accepted and then missed its deadline. `unavailable`: cannot be opened; `error` says why.
 */
export const ConnectionState = z.enum(['connecting', 'ready', 'lost', 'not-responding', 'unavailable'])
export type ConnectionState = z.infer<typeof ConnectionState>

export const HostInfo = z.object({
  hostname: z.string(),
  /** Logical processors. */
  cpus: z.number().int(),
  memoryBytes: z.number(),
  cpuModel: z.string(),
  /** Dotted version of the daemon, for instance `9.0.0`. */
  daemonVersion: z.string(),
  /** Dotted version of the hypervisor, null where it has none. */
  hypervisorVersion: z.string().nullable(),
})
export type HostInfo = z.infer<typeof HostInfo>

export const Connection = z.object({
  uri: ConnectionUri,
  kind: HypervisorKind,
  state: ConnectionState,
  /** Looking never asks for a password: true until somebody unlocks. */
  readOnly: z.boolean(),
  error: AppError.nullable(),
  /** When the next attempt starts, epoch milliseconds. */
  retryAt: z.number().nullable(),
  host: HostInfo.nullable(),
  features: FeatureSheet,
  domainCount: z.number().int(),
})
export type Connection = z.infer<typeof Connection>

const Target = z.object({ uri: ConnectionUri })
const Nothing = z.object({})

/** Whoever follows the events need not wait for the slowest. */
export const PartialAnswer = z.boolean().default(false).describe('answer at once with what is known so far')

export const connection = {
  list: call({
    summary: 'Lists the connections and their states.',
    verb: 'connections',
    effect: 'read',
    input: z.object({ partial: PartialAnswer }),
    output: z.array(Connection),
  }),
  add: call({
    summary: 'Adds a connection and keeps it for the next start.',
    title: 'Add connection',
    verb: 'connect',
    effect: 'change',
    input: Target,
    output: Connection,
  }),
  remove: call({
    summary: 'Removes a connection from the list; its machines are not touched.',
    title: 'Remove connection',
    verb: 'disconnect',
    target: 'connection',
    effect: 'change',
    input: Target,
    output: Nothing,
  }),
  retry: call({
    summary: 'Tries a lost or unavailable connection again now.',
    title: 'Try again',
    target: 'connection',
    effect: 'read',
    input: Target,
    output: Nothing,
  }),
  unlock: call({
    summary: 'Asks the daemon for full access; the system may ask for a password.',
    title: 'Unlock',
    target: 'connection',
    effect: 'change',
    // A person may be typing a password: polkit has no deadline of its own.
    deadlineMs: 10 * 60_000,
    input: Target,
    output: Connection,
  }),
  /** Sent for every change of one connection. */
  changed: event(Connection),
  removed: event(Target),
} as const
