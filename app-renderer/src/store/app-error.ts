import { type AppError, RemoteError } from '@vireo/app-main/contract'

/** The typed failure inside whatever was thrown. */
export const appErrorOf = (thrown: unknown): AppError =>
  thrown instanceof RemoteError
    ? thrown.detail
    : { kind: 'internal', message: thrown instanceof Error ? thrown.message : String(thrown) }

/** What went wrong and what helps, as sentences. */
export const failureText = ({ message, hint }: AppError): string => (hint ? `${message} ${hint}` : message)
