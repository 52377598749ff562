/** The library's failures in the contract's words. */
import { RemoteError, type AppError } from '../contract/error.ts'
import {
  AbortedError,
  ConnectionError,
  isAgentUnresponsive,
  isBusyStream,
  isDenied,
  isDuplicate,
  isInvalidOperation,
  isNotFound,
  isTimeout,
  isUnsupported,
  LibvirtError,
  PermissionError,
} from './errors.ts'
import * as constants from './generated/constants.ts'
import { groupRemedy } from './remedy.ts'

/** Says any failure in the contract's words; what is not a libvirt failure becomes `internal`. */
export const toAppError = (error: unknown): AppError => {
  if (error instanceof RemoteError) return error.detail
  if (error instanceof PermissionError) return permission(error)
  if (error instanceof ConnectionError) return connection(error)
  if (error instanceof AbortedError) return { kind: 'cancelled', message: error.message }
  const message = error instanceof Error ? error.message : String(error)
  if (isTimeout(error)) return { kind: 'timeout', message }
  return error instanceof LibvirtError ? fromDaemon(error) : { kind: 'internal', message }
}

/** The same as a thing to throw, with the original as its cause. */
export const toRemoteError = (error: unknown): RemoteError =>
  error instanceof RemoteError ? error : new RemoteError(toAppError(error), { cause: error })

const permission = (error: PermissionError): AppError => {
  const { hint, fix } =
    error.hint === undefined
      ? groupRemedy(`allow ${error.action ?? 'the action'} in polkit`)
      : { hint: error.hint, fix: error.fix }
  return {
    kind: 'permission',
    message: error.message,
    hint,
    ...(fix.length > 0 && { fix: [...fix] }),
    ...(error.action && { action: error.action }),
  }
}

const connection = (error: ConnectionError): AppError => ({
  kind: 'connection',
  message: error.message,
  trouble: error.trouble,
  ...(error.hint !== undefined && { hint: error.hint }),
  ...(error.fix.length > 0 && { fix: [...error.fix] }),
})

const fromDaemon = (error: LibvirtError): AppError => {
  const { message } = error
  if (isNotFound(error)) return { kind: 'not-found', message }
  if (isBusyStream(error))
    return { kind: 'busy', message, holder: 'another program', hint: 'Take it over, or close it there.' }
  if (isDenied(error)) return denied(error)
  if (isUnsupported(error)) return { kind: 'unsupported', message }
  if (isInvalidOperation(error) || isDuplicate(error)) return { kind: 'precondition', message }
  if (isAgentUnresponsive(error)) {
    return { kind: 'precondition', message, hint: 'Install and start qemu-guest-agent in the guest.' }
  }
  if (INVALID.includes(error.code)) return { kind: 'invalid-input', message }
  if (error.code === constants.VIR_ERR_OPERATION_ABORTED) return { kind: 'cancelled', message }
  return { kind: 'libvirt', message, code: error.code, domain: error.domain }
}

const INVALID: readonly number[] = [
  constants.VIR_ERR_XML_ERROR,
  constants.VIR_ERR_XML_DETAIL,
  constants.VIR_ERR_XML_INVALID_SCHEMA,
  constants.VIR_ERR_INVALID_ARG,
]

const denied = (error: LibvirtError): AppError => {
  if (error.code === constants.VIR_ERR_OPERATION_DENIED) {
    return { kind: 'permission', message: error.message, hint: 'This connection is for looking only. Unlock it first.' }
  }
  return { kind: 'permission', message: error.message }
}
