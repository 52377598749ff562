/** Reads the agent's configuration file: the keys of both founding agents, each optional, each in force. */
import * as v from 'valibot'
import { parseJson } from '../protocol/lines.ts'
import { defaultConfig, type Config, type SecurityRules } from './config.ts'

const whole = (least: number, most: number = Number.MAX_SAFE_INTEGER): v.GenericSchema<number> =>
  v.pipe(v.number(), v.safeInteger(), v.minValue(least), v.maxValue(most))

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** valibot takes an array for an object, and a list of rules would be no rules. */
const Plain = v.custom<Readonly<Record<string, unknown>>>(isObject, 'must be an object')

const absolutePath = v.pipe(v.string(), v.regex(/^\/[^\0]*$/, 'must be an absolute path'))
const paths = v.array(absolutePath)
const commands = v.array(v.pipe(v.string(), v.regex(/^[^\0]+$/, 'must name a command')))
const MAX_SECONDS = 86_400 * 365
const MAX_MEBIBYTES = 1024 * 1024

const security = {
  allowed_read_paths: v.optional(paths),
  allowed_write_paths: v.optional(paths),
  command_whitelist: v.optional(commands),
  max_file_size_mb: v.optional(whole(0, MAX_MEBIBYTES)),
  max_command_timeout_seconds: v.optional(whole(1, MAX_SECONDS)),
  command_allowlist: v.optional(commands),
  command_blocklist: v.optional(commands),
  allow_file_write_paths: v.optional(paths),
  deny_file_read_paths: v.optional(paths),
  max_commands_per_minute: v.optional(whole(0)),
  max_file_ops_per_second: v.optional(whole(0)),
  audit_logging: v.optional(v.boolean()),
}

const health = {
  enabled: v.optional(v.boolean()),
  interval_secs: v.optional(whole(1, MAX_SECONDS)),
  telemetry_timeout_secs: v.optional(whole(1, MAX_SECONDS)),
}

const top = {
  version: v.optional(v.union([v.string(), v.number()])),
  log_level: v.optional(v.picklist(['trace', 'debug', 'info', 'warn', 'error'])),
  log_file: v.optional(v.union([v.literal(''), absolutePath])),
  channel_name: v.optional(v.pipe(v.string(), v.regex(/^[\w.-]{1,64}$/, 'must be the name of a channel'))),
  max_message_size_kb: v.optional(whole(4, 16_384)),
  connection_retry_seconds: v.optional(whole(1, 3600)),
  request_timeout_seconds: v.optional(whole(1, MAX_SECONDS)),
  max_concurrent_requests: v.optional(whole(1, 256)),
  security: v.optional(v.pipe(Plain, v.object(security))),
  telemetry_interval_secs: v.optional(whole(1, 3600)),
  max_exec_timeout_secs: v.optional(whole(1, MAX_SECONDS)),
  max_chunk_size: v.optional(whole(1, 10 * 1024 * 1024)),
  log_format: v.optional(v.picklist(['json', 'pretty'])),
  log_max_size_bytes: v.optional(whole(4096)),
  log_max_files: v.optional(whole(0, 1000)),
  device_path: v.optional(v.union([v.literal('auto'), absolutePath])),
  pre_freeze_script_dir: v.optional(absolutePath),
  post_thaw_script_dir: v.optional(absolutePath),
  health: v.optional(v.pipe(Plain, v.object(health))),
  max_queued_requests: v.optional(whole(0, 100_000)),
  max_requests_per_second: v.optional(whole(0)),
}

const File = v.object(top)
type File = v.InferOutput<typeof File>

/** All there are, at whatever depth. */
export const configKeys = (): string[] => [top, security, health].flatMap(Object.keys)

/** Zero means "no limit" for the rates, as with Quantix's agent. */
const rate = (value: number | undefined): number | null => (value === undefined || value === 0 ? null : value)

const smallest = (...values: readonly (number | undefined)[]): number | null => {
  const given = values.filter(value => value !== undefined)
  return given.length === 0 ? null : Math.min(...given)
}

/** Quantix's empty lists allow everything, KVM Manager's nothing. */
const listed = (...lists: readonly (readonly string[] | undefined)[]): readonly (readonly string[])[] =>
  lists.filter(list => list !== undefined)

const unlessEmpty = (list: readonly string[] | undefined): readonly string[] | undefined =>
  list?.length === 0 ? undefined : list

const rules = (given: File['security']): SecurityRules => ({
  readPaths: given?.allowed_read_paths ?? null,
  writePaths: listed(given?.allowed_write_paths, unlessEmpty(given?.allow_file_write_paths)),
  denyReadPaths: given?.deny_file_read_paths ?? [],
  commandWhitelists: listed(given?.command_whitelist, unlessEmpty(given?.command_allowlist)),
  commandBlocklist: given?.command_blocklist ?? [],
  maxFileBytes: given?.max_file_size_mb === undefined ? null : given.max_file_size_mb * 1024 * 1024,
  maxCommandsPerMinute: rate(given?.max_commands_per_minute),
  maxFileOperationsPerSecond: rate(given?.max_file_ops_per_second),
  auditLogging: given?.audit_logging ?? false,
})

const healthOf = (given: File['health']): Config['health'] =>
  given === undefined || given.enabled === false
    ? null
    : { intervalSeconds: given.interval_secs ?? 30, telemetryTimeoutSeconds: given.telemetry_timeout_secs ?? 60 }

const logPart = (file: File): Pick<Config, 'logLevel' | 'logFormat' | 'logFile' | 'logMaxBytes' | 'logMaxFiles'> => ({
  logLevel: file.log_level ?? defaultConfig.logLevel,
  logFormat: file.log_format ?? defaultConfig.logFormat,
  logFile: file.log_file === undefined || file.log_file === '' ? null : file.log_file,
  logMaxBytes: file.log_max_size_bytes ?? defaultConfig.logMaxBytes,
  logMaxFiles: file.log_max_files ?? defaultConfig.logMaxFiles,
})

const configOf = (file: File): Config => {
  const base = defaultConfig
  return {
    ...logPart(file),
    channelName: file.channel_name ?? base.channelName,
    devicePath: file.device_path === undefined || file.device_path === 'auto' ? null : file.device_path,
    maxMessageBytes: (file.max_message_size_kb ?? base.maxMessageBytes / 1024) * 1024,
    connectionRetrySeconds: file.connection_retry_seconds ?? base.connectionRetrySeconds,
    requestTimeoutSeconds: file.request_timeout_seconds ?? base.requestTimeoutSeconds,
    maxConcurrentRequests: file.max_concurrent_requests ?? base.maxConcurrentRequests,
    maxQueuedRequests: file.max_queued_requests ?? base.maxQueuedRequests,
    maxRequestsPerSecond: rate(file.max_requests_per_second),
    telemetryIntervalSeconds: file.telemetry_interval_secs ?? null,
    maxExecTimeoutSeconds: smallest(file.security?.max_command_timeout_seconds, file.max_exec_timeout_secs),
    maxChunkBytes: file.max_chunk_size ?? base.maxChunkBytes,
    preFreezeDirectory: file.pre_freeze_script_dir ?? base.preFreezeDirectory,
    postThawDirectory: file.post_thaw_script_dir ?? base.postThawDirectory,
    health: healthOf(file.health),
    security: rules(file.security),
  }
}

/** An absent key and null say the same: no restriction, or the default. */
const withoutNulls = (value: unknown): unknown =>
  isObject(value)
    ? Object.fromEntries(
        Object.entries(value)
          .filter(([, inner]) => inner !== null)
          .map(([key, inner]) => [key, withoutNulls(inner)]),
      )
    : value

const unknownKeys = (value: unknown, known: object, prefix = ''): string[] =>
  isObject(value)
    ? Object.keys(value)
        .filter(key => !Object.hasOwn(known, key))
        .map(key => prefix + key)
    : []

/**
 * Gives the configuration with a warning for each key that nobody knows. Throws, with a sentence for people, what is no
 * configuration: a rule that cannot be read must not become no rule.
 */
export const readConfig = (text: string): { readonly config: Config; readonly warnings: readonly string[] } => {
  const json = parseJson(text)
  if (!json.ok) throw new Error('the configuration is not JSON')
  if (!isObject(json.value)) throw new Error('the configuration is no JSON object')
  const result = v.safeParse(File, withoutNulls(json.value))
  if (!result.success) {
    const [issue] = result.issues
    throw new Error(`the configuration's ${v.getDotPath(issue) ?? 'content'} is wrong: ${issue.message}`)
  }
  const unknown = [
    ...unknownKeys(json.value, top),
    ...unknownKeys(json.value.security, security, 'security.'),
    ...unknownKeys(json.value.health, health, 'health.'),
  ]
  return { config: configOf(result.output), warnings: unknown.map(key => `unknown key "${key}" is ignored`) }
}
