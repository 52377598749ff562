import type { ZodError } from 'zod'
import { RemoteError, type AppError } from '../contract/index.ts'
import type { Log } from '../base/log.ts'

/** Turns whatever was thrown into the failure a surface may show; what nobody foresaw is logged in full here. */
export const toAppError = (error: unknown, where: string, log: Log): AppError => {
  if (error instanceof RemoteError) return error.detail
  log.error('unforeseen failure', { where, error })
  return {
    kind: 'internal',
    message: `${where} failed inside Vireo: ${error instanceof Error ? error.message : String(error)}`,
    hint: 'The log has the details; VIREO_LOG=debug shows more.',
  }
}

export const invalidInput = (where: string, error: ZodError): AppError => {
  const issues = error.issues.map(({ path, message }) => (path.length ? `${path.join('.')}: ${message}` : message))
  return { kind: 'invalid-input', message: `${where}: ${issues.join('; ')}`, issues }
}
