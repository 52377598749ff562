/** The guest as a whole: facts, clock, accounts, power. */
import * as v from 'valibot'
import { method } from './define.ts'
import { Filesystem } from './telemetry.ts'
import { account, count, epochMs, integer, nothing, path, text } from './scalar.ts'

export const getSystemInfo = method(
  'get_system_info',
  nothing,
  v.object({
    os_type: v.string(),
    os_name: v.string(),
    os_version: v.string(),
    kernel_version: v.string(),
    hostname: v.string(),
    architecture: v.string(),
    cpu_count: count,
    /** BYTES, in spite of its name: KVM Manager's hosts expect that. */
    total_memory_kb: count,
    uptime_seconds: count,
    /** The same in the right name. This and the following are ours. */
    total_memory_bytes: v.optional(count),
    /** os-release's ID, for instance `debian`. */
    os_id: v.optional(v.nullable(v.string())),
    /** os-release's PRETTY_NAME. */
    os_pretty_name: v.optional(v.nullable(v.string())),
    /** For instance `Europe/Rome`; null when the guest does not name it. */
    timezone: v.optional(v.nullable(v.string())),
    boot_at_ms: v.optional(epochMs),
    time_ms: v.optional(epochMs),
    /** `systemd`, `openrc` or the name of process 1. */
    init: v.optional(v.string()),
  }),
)

export const getNetworkInfo = method(
  'get_network_info',
  nothing,
  v.object({
    interfaces: v.array(
      v.object({
        name: v.string(),
        mac_address: v.string(),
        /** `address/prefix`. */
        ipv4_addresses: v.array(v.string()),
        ipv6_addresses: v.array(v.string()),
        /** `up` or `down`, as it is. */
        state: v.string(),
        mtu: count,
        /** Counters since boot; ours. */
        received_bytes: v.optional(count),
        sent_bytes: v.optional(count),
      }),
    ),
  }),
)

export const getDiskUsage = method('get_disk_usage', nothing, v.object({ filesystems: v.array(Filesystem) }))

/** KVM Manager's: a time-out below 60 s means now, else so many whole minutes. The answer may be lost. */
const powerParams = v.object({ timeout_seconds: v.optional(count, 60), force: v.optional(v.boolean(), false) })
const powerResult = v.object({ initiated: v.literal(true), message: v.string() })
export const shutdown = method('shutdown', powerParams, powerResult)
export const reboot = method('reboot', powerParams, powerResult)

/** Answers before it acts, so that the answer arrives. */
export const systemShutdown = method(
  'system.shutdown',
  v.object({
    mode: v.picklist(['poweroff', 'reboot', 'halt']),
    /** Seconds until it begins, to the second. A new request replaces a waiting one. */
    delay_seconds: v.optional(v.pipe(count, v.maxValue(86_400)), 0),
    /** Does not ask services to end: for a guest that hangs. */
    force: v.optional(v.boolean(), false),
  }),
  v.object({ initiated: v.literal(true), at_ms: epochMs }),
)

export const timeGet = method(
  'time.get',
  nothing,
  v.object({
    /** The clock at the moment of the answer. */
    time_ms: epochMs,
    timezone: v.nullable(v.string()),
    /** Local time less UTC. */
    utc_offset_seconds: integer,
    /** Whether the kernel's clock is disciplined (NTP); null when it does not tell. */
    synchronized: v.nullable(v.boolean()),
  }),
)

/** Steps the clock, and the hardware clock where there is one. */
export const timeSet = method(
  'time.set',
  v.object({ time_ms: v.pipe(epochMs, v.minValue(0), v.maxValue(253_402_300_799_999)) }),
  v.object({
    time_ms: epochMs,
    /** New clock less the old one. */
    offset_ms: integer,
  }),
)

/** Never in arguments, environment or log. The account must exist. */
export const passwordSet = method(
  'password.set',
  v.pipe(
    v.object({
      user: account,
      /** Plain text: hashed by the guest's own rules. Either this or `hash`. */
      password: v.optional(v.pipe(text(1024), v.minLength(1), v.regex(/^[^\r\n]*$/, 'holds a line break'))),
      /** crypt(3) form, for instance `$6$salt$...`. */
      hash: v.optional(v.pipe(text(512), v.regex(/^\$[\w./$,=+-]+$/, 'no crypt hash'))),
      /** The user must choose a new one at the next login. */
      expire: v.optional(v.boolean(), false),
    }),
    v.check(params => (params.password === undefined) !== (params.hash === undefined), 'give either password or hash'),
  ),
  nothing,
)

export const usersList = method(
  'users.list',
  nothing,
  v.object({
    /** Logged in now. */
    sessions: v.array(
      v.object({
        name: v.string(),
        login_at_ms: v.nullable(epochMs),
        terminal: v.nullable(v.string()),
        /** Where from, empty for a local one. */
        host: v.string(),
      }),
    ),
    /** People's accounts (and root): those that can log in. */
    accounts: v.array(v.object({ name: v.string(), uid: count, home: v.string(), shell: v.string() })),
  }),
)

/** Tells the disk which blocks are free, on all filesystems that can or those given. */
export const filesystemTrim = method(
  'filesystem.trim',
  v.object({ mount_points: v.optional(v.array(path)) }),
  v.object({
    trimmed_bytes: count,
    filesystems: v.array(v.object({ mount_point: v.string(), trimmed_bytes: count, error: v.nullable(v.string()) })),
  }),
)
