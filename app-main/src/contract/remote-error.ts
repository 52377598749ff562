import type { AppError } from './error.ts'

/** Thrown by clients of the contract, and by services that already know the typed failure. Free of zod: the renderer imports it. */
export class RemoteError extends Error {
  readonly detail: AppError
  constructor(detail: AppError, options?: { cause?: unknown }) {
    super(detail.message, options)
    this.name = 'RemoteError'
    this.detail = detail
  }
}
