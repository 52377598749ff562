/** The answers of qemu-ga, as its QAPI schema says they look. Fields that are not named here are ignored, whatever they hold. */
import * as v from 'valibot'

const MAX_LIST = 4096

/** Bytes, counters and the like: whole, never negative, exact as a number. */
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const text = v.pipe(v.string(), v.maxLength(4096))
const list = <S extends v.GenericSchema>(item: S) => v.pipe(v.array(item), v.maxLength(MAX_LIST))

/** For commands whose answer says nothing. */
export const nothing = v.unknown()

export const pid = v.object({ pid: v.pipe(v.number(), v.safeInteger(), v.minValue(1)) })
export const handle = v.pipe(v.number(), v.safeInteger())
export const number = count

export const info = v.object({
  version: text,
  supported_commands: list(v.object({ name: text, enabled: v.boolean() })),
})

const base64 = v.pipe(v.string(), v.maxLength(4 * 1024 * 1024), v.regex(/^[A-Za-z0-9+/]*={0,2}$/))

export const execStatus = v.object({
  exited: v.boolean(),
  exitcode: v.optional(v.pipe(v.number(), v.safeInteger())),
  signal: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(128))),
  'out-data': v.optional(base64),
  'err-data': v.optional(base64),
  'out-truncated': v.optional(v.boolean()),
  'err-truncated': v.optional(v.boolean()),
})

export const fileRead = v.object({ count, 'buf-b64': base64, eof: v.boolean() })
export const fileWrite = v.object({ count })

export const hostName = v.object({ 'host-name': text })
export const timezone = v.object({ zone: v.optional(text) })
/** Nanoseconds since the epoch: beyond exact numbers, but near enough. */
export const time = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(1e20))

export const osInfo = v.object({
  id: v.optional(text),
  name: v.optional(text),
  'pretty-name': v.optional(text),
  version: v.optional(text),
  'version-id': v.optional(text),
  'kernel-release': v.optional(text),
  machine: v.optional(text),
})

export const vcpus = list(
  v.object({ 'logical-id': count, online: v.boolean(), 'can-offline': v.optional(v.boolean()) }),
)

export const users = list(v.object({ user: text, 'login-time': v.pipe(v.number(), v.minValue(0), v.maxValue(1e11)) }))

export const interfaces = list(
  v.object({
    name: text,
    'hardware-address': v.optional(text),
    'ip-addresses': v.optional(list(v.object({ 'ip-address': text, prefix: count }))),
    statistics: v.optional(v.object({ 'rx-bytes': count, 'tx-bytes': count })),
  }),
)

export const filesystems = list(
  v.object({
    name: text,
    mountpoint: text,
    type: text,
    'used-bytes': v.optional(count),
    'total-bytes': v.optional(count),
    'total-bytes-privileged': v.optional(count),
    disk: v.optional(list(v.object({ dev: v.optional(text) }))),
  }),
)

/** Milliseconds since boot, one entry a CPU. */
export const cpuStats = list(
  v.object({
    user: count,
    system: count,
    idle: count,
    nice: v.optional(count),
    iowait: v.optional(count),
    irq: v.optional(count),
    softirq: v.optional(count),
    steal: v.optional(count),
  }),
)

export const disks = list(
  v.object({
    name: text,
    partition: v.boolean(),
    address: v.optional(v.object({ serial: v.optional(text) })),
  }),
)

/** Sectors of 512 bytes, whatever the disk's own are; the name without its folder. */
export const diskStats = list(
  v.object({
    name: text,
    stats: v.object({
      'read-sectors': v.optional(count),
      'read-ios': v.optional(count),
      'write-sectors': v.optional(count),
      'write-ios': v.optional(count),
    }),
  }),
)

export const freezeStatus = v.picklist(['thawed', 'frozen'])

export const trim = v.object({
  paths: list(v.object({ path: text, trimmed: v.optional(count), error: v.optional(text) })),
})

export const sshKeys = v.object({ keys: list(v.pipe(v.string(), v.maxLength(16_384))) })
