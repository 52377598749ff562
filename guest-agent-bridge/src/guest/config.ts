/**
 * The agent's settings, after both founding agents' keys were read, with what is missing filled in. `null`: no restriction.
 */
export interface SecurityRules {
  /** Files and folders that may be read, with all below them. */
  readonly readPaths: readonly string[] | null
  readonly writePaths: readonly string[] | null
  /** Never read, whatever `readPaths` says. */
  readonly denyReadPaths: readonly string[]
  readonly commandWhitelist: readonly string[] | null
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
  readonly telemetryIntervalSeconds: number
  readonly maxExecTimeoutSeconds: number | null
  /** Bytes of one piece of a file. */
  readonly maxChunkBytes: number
  readonly preFreezeDirectory: string
  readonly postThawDirectory: string
  readonly security: SecurityRules
}
