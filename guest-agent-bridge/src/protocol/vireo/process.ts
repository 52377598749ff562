/** Processes and services. */
import * as v from 'valibot'
import { method } from './define.ts'
import { count, epochMs, integer, nothing, percent } from './scalar.ts'

export const Process = v.object({
  pid: count,
  parent_pid: count,
  name: v.string(),
  /** At most 1,000 characters, arguments separated by blanks; null for a kernel thread. */
  command: v.nullable(v.string()),
  uid: count,
  user: v.nullable(v.string()),
  /** Share of one CPU since this agent's last listing, since its start in the first one. */
  cpu_percent: percent,
  /** Resident. */
  memory_bytes: count,
  /** One letter as in ps: R, S, D, Z, T, I. */
  state: v.string(),
  threads: count,
  started_at_ms: epochMs,
})
export type Process = v.InferOutput<typeof Process>

/** In the order of their numbers. */
export const processList = method(
  'process.list',
  v.object({
    /** Number after which the page begins: the former page's `next`. */
    after: v.optional(count),
    limit: v.optional(v.pipe(count, v.minValue(1), v.maxValue(5000)), 1000),
  }),
  v.object({ processes: v.array(Process), next: v.nullable(count), total: count }),
)

/** One process, not its group. Process 1 and the agent itself are refused with `precondition`. */
export const processKill = method(
  'process.kill',
  v.object({
    pid: v.pipe(integer, v.minValue(1)),
    signal: v.optional(v.pipe(count, v.minValue(1), v.maxValue(64)), 15),
    /** As listed. When another process has the number by now: `not found`. */
    started_at_ms: v.optional(epochMs),
  }),
  nothing,
)

export const serviceStates = ['running', 'stopped', 'failed', 'starting', 'stopping', 'exited', 'unknown'] as const

export const Service = v.object({
  /** With systemd without `.service`. */
  name: v.string(),
  description: v.nullable(v.string()),
  /** `exited`: did its work and counts as active. */
  state: v.picklist(serviceStates),
  /** Starts at boot; null where that cannot be said (static, generated). */
  enabled: v.nullable(v.boolean()),
})
export type Service = v.InferOutput<typeof Service>

/** In the order of their names. `failed` with data `{ reason: 'unsupported' }` where neither systemd nor OpenRC runs. */
export const serviceList = method(
  'service.list',
  v.object({
    after: v.optional(v.string()),
    limit: v.optional(v.pipe(count, v.minValue(1), v.maxValue(2000)), 500),
  }),
  v.object({
    init: v.picklist(['systemd', 'openrc']),
    services: v.array(Service),
    next: v.nullable(v.string()),
    total: count,
  }),
)

export const serviceActions = ['start', 'stop', 'restart', 'enable', 'disable'] as const

/** Waits until the init system has done it, at most 90 s. Unknown names give `not found`. The answer tells the state after it. */
export const serviceControl = method(
  'service.control',
  v.object({
    name: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_][A-Za-z0-9_.:@\\-]{0,249}$/, 'no name of a service')),
    action: v.picklist(serviceActions),
  }),
  v.object({ service: Service }),
)
