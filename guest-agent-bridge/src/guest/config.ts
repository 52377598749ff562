/**
 * The agent's settings, after both founding agents' keys were read, with what is missing filled in. `null`: no restriction.
 */
export interface SecurityRules {
  /** Files and folders that may be read, with all below them. */
  readonly readPaths: readonly string[] | null
  /** Each list by itself must allow what is written. */
  readonly writePaths: readonly (readonly string[])[]
  /** Never read, whatever `readPaths` says. */
  readonly denyReadPaths: readonly string[]
  /** Each list by itself must hold the command. */
  readonly commandWhitelists: readonly (readonly string[])[]
  readonly commandBlocklist: readonly string[]
  readonly maxFileBytes: number | null
  readonly maxCommandsPerMinute: number | null
  readonly maxFileOperationsPerSecond: number | null
  /** Requests that change something are logged, without their secrets. */
  readonly auditLogging: boolean
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error'

export interface Config {
  readonly logLevel: LogLevel
  readonly logFormat: 'json' | 'pretty'
  /** Null: standard error. */
  readonly logFile: string | null
  readonly logMaxBytes: number
  readonly logMaxFiles: number
  readonly channelName: string
  /** Null: the channel's port. */
  readonly devicePath: string | null
  /** The longest line in bytes, either way. */
  readonly maxMessageBytes: number
  readonly connectionRetrySeconds: number
  /** Of one request, unless it says its own; null: as long as it takes. */
  readonly requestTimeoutSeconds: number | null
  readonly maxConcurrentRequests: number
  readonly maxQueuedRequests: number
  readonly maxRequestsPerSecond: number | null
  /** Pushed unasked at this interval; null: only when the host subscribes. */
  readonly telemetryIntervalSeconds: number | null
  readonly maxExecTimeoutSeconds: number | null
  /** Bytes of one piece of a file. */
  readonly maxChunkBytes: number
  readonly preFreezeDirectory: string
  readonly postThawDirectory: string
  /** Looks so often whether telemetry still gets out, and opens the channel anew when it did not for so long; null: never. */
  readonly health: { readonly intervalSeconds: number; readonly telemetryTimeoutSeconds: number } | null
  readonly security: SecurityRules
}

export const defaultConfigPath = '/etc/vireo-agent/config.json'

export const defaultConfig: Config = {
  logLevel: 'info',
  logFormat: 'pretty',
  logFile: null,
  logMaxBytes: 10 * 1024 * 1024,
  logMaxFiles: 5,
  channelName: 'org.vireo.agent.0',
  devicePath: null,
  maxMessageBytes: 1024 * 1024,
  connectionRetrySeconds: 5,
  requestTimeoutSeconds: null,
  maxConcurrentRequests: 16,
  maxQueuedRequests: 256,
  maxRequestsPerSecond: null,
  telemetryIntervalSeconds: null,
  maxExecTimeoutSeconds: null,
  maxChunkBytes: 512 * 1024,
  preFreezeDirectory: '/etc/vireo-agent/pre-freeze.d',
  postThawDirectory: '/etc/vireo-agent/post-thaw.d',
  health: null,
  security: {
    readPaths: null,
    writePaths: [],
    denyReadPaths: [],
    commandWhitelists: [],
    commandBlocklist: [],
    maxFileBytes: null,
    maxCommandsPerMinute: null,
    maxFileOperationsPerSecond: null,
    auditLogging: false,
  },
}
