import * as v from 'valibot'
import { rpcCode, type RpcFailure } from '../protocol/json-rpc.ts'
import { SysError } from './sys.ts'

/** A refusal that goes to the host as it stands. */
export class RpcError extends Error {
  readonly code: number
  readonly data: unknown

  constructor(code: keyof typeof rpcCode, message: string, data?: unknown) {
    super(message)
    this.name = 'RpcError'
    this.code = rpcCode[code]
    this.data = data
  }
}

const codeOf = (error: SysError): number => {
  if (error.code === 'ENOENT' || error.code === 'ESRCH') return rpcCode.notFound
  if (error.code === 'EACCES' || error.code === 'EPERM') return rpcCode.permission
  return rpcCode.failed
}

const invalidParams = ({
  issues,
}: {
  readonly issues: readonly [v.BaseIssue<unknown>, ...v.BaseIssue<unknown>[]]
}): RpcFailure => {
  const [issue] = issues
  const where = v.getDotPath(issue)
  const message = `Invalid parameters: ${where === null ? '' : `${where}: `}${issue.message}`
  return { code: rpcCode.invalidParams, message: message.slice(0, 1000) }
}

/** What the host is told of a failure. A `SysError` keeps the system's own words and, as `data`, its code. */
export const failureOf = (error: unknown): RpcFailure => {
  if (error instanceof RpcError) {
    const { code, message, data } = error
    return data === undefined ? { code, message } : { code, message, data }
  }
  if (error instanceof SysError) return { code: codeOf(error), message: error.message, data: { code: error.code } }
  if (v.isValiError(error)) return invalidParams(error)
  return { code: rpcCode.internalError, message: 'Internal error' }
}
