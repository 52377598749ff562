/** What is read of the daemon's answers. What is not known is kept; what is known must be of its kind. */
import { z } from 'zod'

/** Go writes empty lists and maps as null. */
const map = <T extends z.ZodType>(value: T) =>
  z
    .record(z.string(), value)
    .nullish()
    .transform(found => found ?? {})
const list = <T extends z.ZodType>(value: T) =>
  z
    .array(value)
    .nullish()
    .transform(found => found ?? [])
const text = z
  .string()
  .nullish()
  .transform(found => found ?? '')
const count = z
  .number()
  .nullish()
  .transform(found => found ?? 0)
const flag = z
  .boolean()
  .nullish()
  .transform(found => found ?? false)

/** Around every answer. */
export const Envelope = z.looseObject({
  type: z.enum(['sync', 'async', 'error']),
  error_code: count,
  error: text,
  metadata: z.unknown(),
})

export const Server = z.looseObject({
  auth: text,
  api_extensions: list(z.string()),
  environment: z
    .looseObject({
      server: text,
      server_name: text,
      server_version: text,
      kernel_architecture: text,
      driver: text,
      driver_version: text,
      server_clustered: flag,
    })
    .nullish(),
})
export type Server = z.infer<typeof Server>

export const Resources = z.looseObject({
  cpu: z.looseObject({ total: count, sockets: list(z.looseObject({ name: text })) }).nullish(),
  memory: z.looseObject({ total: count, used: count }).nullish(),
})
export type Resources = z.infer<typeof Resources>

const Counters = z.looseObject({ bytes_received: count, bytes_sent: count })

const NetworkState = z.looseObject({
  addresses: list(z.looseObject({ family: text, address: text, netmask: text, scope: text })),
  counters: Counters.nullish(),
  hwaddr: text,
  host_name: text,
  state: text,
  type: text,
})

export const InstanceState = z.looseObject({
  status: text,
  status_code: count,
  disk: map(z.looseObject({ usage: count, total: count })),
  memory: z.looseObject({ usage: count, total: count }).nullish(),
  network: map(NetworkState),
  pid: count,
  processes: count,
  cpu: z.looseObject({ usage: count }).nullish(),
  os_info: z.looseObject({ os: text, os_version: text, kernel_version: text, hostname: text }).nullish(),
})
export type InstanceState = z.infer<typeof InstanceState>

/** What the daemon itself takes for a name: letters, digits and dashes. */
const Name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,252}$/)

const Device = z.record(z.string(), z.string())

export const Instance = z.looseObject({
  name: Name,
  type: z.enum(['container', 'virtual-machine']).catch('container'),
  status: text,
  status_code: count,
  architecture: text,
  description: text,
  config: map(z.string()),
  devices: map(Device),
  expanded_config: map(z.string()),
  expanded_devices: map(Device),
  profiles: list(z.string()),
  ephemeral: flag,
  stateful: flag,
  location: text,
  state: InstanceState.nullish(),
  snapshots: list(z.looseObject({ name: text })),
})
export type Instance = z.infer<typeof Instance>

export const Operation = z.looseObject({
  id: z.string().regex(/^[A-Za-z0-9-]{1,64}$/),
  class: text,
  status_code: count,
  metadata: z.record(z.string(), z.unknown()).nullish(),
  may_cancel: flag,
  err: text,
})
export type Operation = z.infer<typeof Operation>

/** Where a console's or a command's bytes are to be had: WebSocket secrets by descriptor (`0`, `1`, `2`, `control`). */
export const Descriptors = z.looseObject({ fds: z.record(z.string(), z.string().max(256)) })

export const LifecycleEvent = z.looseObject({
  type: z.literal('lifecycle'),
  metadata: z.looseObject({
    action: z.string(),
    source: z.string(),
    context: z.record(z.string(), z.unknown()).nullish(),
  }),
})

const Plain = z.string().max(1024)

export const Image = z.looseObject({
  fingerprint: z.string().regex(/^[0-9a-f]{64}$/),
  aliases: list(z.looseObject({ name: Plain })),
  properties: map(z.string()),
  type: z.enum(['container', 'virtual-machine']).catch('container'),
  architecture: text,
  size: count,
  cached: flag,
})

export const Profile = z.looseObject({
  name: Plain,
  description: text,
  devices: map(Device),
  used_by: list(z.string()),
})

export const Pool = z.looseObject({ name: Plain, driver: text, status: text })
export const PoolSpace = z.looseObject({ space: z.looseObject({ total: count, used: count }).nullish() })

export const Volume = z.looseObject({
  name: Plain,
  type: text,
  content_type: text,
  used_by: list(z.string()),
})

export const Network = z.looseObject({
  name: Plain,
  type: text,
  managed: flag,
  config: map(z.string()),
  used_by: list(z.string()),
})

export const Snapshot = z.looseObject({ name: Plain, created_at: text, stateful: flag })
