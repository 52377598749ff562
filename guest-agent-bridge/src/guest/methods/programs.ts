/** Runs the guest's own tools and understands how they fail. */
import type { MethodContext } from '../method.ts'
import { RpcError } from '../rpc-error.ts'
import type { RunEnd, RunSpec } from '../runner.ts'
import { failedWith } from '../sys.ts'

export const unsupported = (message: string): RpcError => new RpcError('failed', message, { reason: 'unsupported' })

/** Their messages in English, their output without colours and pages. */
const plain = { LC_ALL: 'C', LANG: null, LANGUAGE: null, NO_COLOR: '1', SYSTEMD_COLORS: '0', PAGER: null, TERM: 'dumb' }

/** Runs it to its end, however that is. A program that is not there gives -32000 `unsupported`. */
export const runTool = async (context: MethodContext, spec: RunSpec): Promise<RunEnd> => {
  try {
    return await context.runner.run({ ...spec, env: { ...plain, ...spec.env }, signal: context.signal })
  } catch (error) {
    throw failedWith(error, 'ENOENT') ? unsupported(`This guest has no ${spec.args[0]}`) : error
  }
}

/** What it complained about, in one line. */
export const complaintOf = (context: MethodContext, end: RunEnd): string => {
  const [errors, output] = [end.stderr, end.stdout].map(bytes => context.sys.decode(bytes).trim())
  const words = (errors === '' ? output : errors) ?? ''
  return words.replaceAll(/\s*\n\s*/g, '; ').slice(0, 500)
}

/** Its standard output; -32003 when it took too long, -32000 with its complaint when it failed. */
export const outputOf = async (context: MethodContext, spec: RunSpec): Promise<string> => {
  const end = await runTool(context, spec)
  if (end.timedOut) throw new RpcError('timeout', `${spec.args[0]} took too long`)
  if (end.code === 0) return context.sys.decode(end.stdout)
  throw new RpcError('failed', complaintOf(context, end) || `${spec.args[0]} failed`)
}
