/** What can go wrong between us and a daemon, and questions to ask of it. */
import type { ConnectionTrouble } from '../contract/error.ts'
import * as constants from './generated/constants.ts'

/** What the daemon sends instead of a result (`remote_error`). */
export interface ErrorPayload {
  /** virErrorNumber. */
  readonly code: number
  /** virErrorDomain: the part of libvirt that failed. */
  readonly domain: number
  /** virErrorLevel: 1 warning, 2 error. */
  readonly level: number
  readonly message: string
  readonly str1: string | null
  readonly str2: string | null
  readonly str3: string | null
  /** C name of the procedure that failed. */
  readonly procedure?: string | undefined
}

/** The daemon answered with an error. */
export class LibvirtError extends Error {
  readonly code: number
  readonly domain: number
  readonly level: number
  readonly str1: string | null
  readonly str2: string | null
  readonly str3: string | null
  readonly procedure: string | undefined
  constructor(payload: ErrorPayload) {
    super(payload.message)
    this.name = 'LibvirtError'
    this.code = payload.code
    this.domain = payload.domain
    this.level = payload.level
    this.str1 = payload.str1
    this.str2 = payload.str2
    this.str3 = payload.str3
    this.procedure = payload.procedure
  }
}

/** The connection cannot be made or has ended. `fix` holds shell commands that would mend it. */
export class ConnectionError extends Error {
  readonly trouble: ConnectionTrouble
  readonly hint: string | undefined
  readonly fix: readonly string[]
  constructor(
    trouble: ConnectionTrouble,
    message: string,
    options: { cause?: unknown; hint?: string | undefined; fix?: readonly string[] } = {},
  ) {
    super(message, { cause: options.cause })
    this.name = 'ConnectionError'
    this.trouble = trouble
    this.hint = options.hint
    this.fix = options.fix ?? []
  }
}

/** The peer sent bytes that are not libvirt's protocol. The connection is closed. */
export class ProtocolError extends ConnectionError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super('protocol', message, options)
    this.name = 'ProtocolError'
  }
}

/** This user may not open the daemon's socket. `action` is the polkit action when polkit refused. */
export class PermissionError extends ConnectionError {
  readonly action: string | undefined
  constructor(
    message: string,
    options: { cause?: unknown; hint?: string | undefined; fix?: readonly string[]; action?: string | undefined } = {},
  ) {
    super('no-permission', message, options)
    this.name = 'PermissionError'
    this.action = options.action
  }
}

/** No answer within the deadline. The daemon may still do what was asked. */
export class TimeoutError extends Error {
  readonly procedure: string
  constructor(procedure: string, milliseconds: number) {
    super(`The daemon did not answer ${procedure} within ${milliseconds / 1000} s.`)
    this.name = 'TimeoutError'
    this.procedure = procedure
  }
}

/** The caller gave up by its AbortSignal. The daemon may still do what was asked. */
export class AbortedError extends Error {
  constructor(what: string, reason?: unknown) {
    super(`${what} was cancelled.`, { cause: reason })
    this.name = 'AbortedError'
  }
}

const hasCode = (error: unknown, codes: readonly number[]): boolean =>
  error instanceof LibvirtError && codes.includes(error.code)

const NOT_FOUND = [
  constants.VIR_ERR_NO_DOMAIN,
  constants.VIR_ERR_NO_NETWORK,
  constants.VIR_ERR_NO_STORAGE_POOL,
  constants.VIR_ERR_NO_STORAGE_VOL,
  constants.VIR_ERR_NO_NODE_DEVICE,
  constants.VIR_ERR_NO_INTERFACE,
  constants.VIR_ERR_NO_NWFILTER,
  constants.VIR_ERR_NO_SECRET,
  constants.VIR_ERR_NO_DOMAIN_SNAPSHOT,
  constants.VIR_ERR_NO_DOMAIN_CHECKPOINT,
  constants.VIR_ERR_NO_DOMAIN_BACKUP,
  constants.VIR_ERR_NO_DOMAIN_METADATA,
  constants.VIR_ERR_NO_NETWORK_PORT,
  constants.VIR_ERR_DEVICE_MISSING,
]
const DENIED = [
  constants.VIR_ERR_AUTH_FAILED,
  constants.VIR_ERR_AUTH_CANCELLED,
  constants.VIR_ERR_AUTH_UNAVAILABLE,
  constants.VIR_ERR_ACCESS_DENIED,
  constants.VIR_ERR_OPERATION_DENIED,
]
const UNSUPPORTED = [
  constants.VIR_ERR_NO_SUPPORT,
  constants.VIR_ERR_OPERATION_UNSUPPORTED,
  constants.VIR_ERR_ARGUMENT_UNSUPPORTED,
  constants.VIR_ERR_CONFIG_UNSUPPORTED,
]

/** The domain, network, pool, volume, snapshot… does not exist (any more). */
export const isNotFound = (error: unknown): boolean => hasCode(error, NOT_FOUND)
/** polkit, access control or a read-only connection refused, or the person cancelled the prompt. */
export const isDenied = (error: unknown): boolean => error instanceof PermissionError || hasCode(error, DENIED)
/** The object is in a state in which this cannot be done. */
export const isInvalidOperation = (error: unknown): boolean => hasCode(error, [constants.VIR_ERR_OPERATION_INVALID])
/** This daemon does not know the procedure. */
export const isUnknownProcedure = (error: unknown): boolean =>
  error instanceof LibvirtError &&
  error.code === constants.VIR_ERR_RPC &&
  /^(unknown procedure|cannot find program)/i.test(error.message)
/** The daemon or its driver cannot do this, today or ever. */
export const isUnsupported = (error: unknown): boolean => isUnknownProcedure(error) || hasCode(error, UNSUPPORTED)
/** The guest agent is not there or does not answer. */
export const isAgentUnresponsive = (error: unknown): boolean =>
  hasCode(error, [constants.VIR_ERR_AGENT_UNRESPONSIVE, constants.VIR_ERR_AGENT_UNSYNCED])
/** Somebody else has the console or channel open. */
export const isBusyStream = (error: unknown): boolean =>
  error instanceof LibvirtError &&
  hasCode(error, [
    constants.VIR_ERR_OPERATION_FAILED,
    constants.VIR_ERR_INTERNAL_ERROR,
    constants.VIR_ERR_RESOURCE_BUSY,
  ]) &&
  /active (console session|channel stream) exists/i.test(error.message)
/** The thing exists already. */
export const isDuplicate = (error: unknown): boolean =>
  hasCode(error, [constants.VIR_ERR_DOM_EXIST, constants.VIR_ERR_NETWORK_EXIST, constants.VIR_ERR_STORAGE_VOL_EXIST])
/** The connection is gone or cannot be made, whatever the reason. */
export const isConnectionError = (error: unknown): error is ConnectionError => error instanceof ConnectionError
export const isTimeout = (error: unknown): boolean =>
  error instanceof TimeoutError || hasCode(error, [constants.VIR_ERR_OPERATION_TIMEOUT])
