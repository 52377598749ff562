/** `/api/v1/`: calls of the contract over HTTP, and documents about them. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { contract, describeContract } from '../../contract/index.ts'
import type { Dispatcher, Principal } from '../../dispatch/dispatcher.ts'
import { openapi } from './openapi.ts'
import { readJson } from './read-body.ts'
import { sendError, sendJson } from './respond.ts'

const nothingHere = (path: string) => ({ kind: 'not-found', message: `There is nothing at ${path}.` }) as const

/** The room and name of `/<prefix>/<room>/<name>`; undefined when the path has another shape. */
export const entryOf = (path: string, prefix: string): { room: string; name: string } | undefined => {
  if (!path.startsWith(prefix)) return undefined
  const match = /^([A-Za-z][\w-]{0,63})\/([A-Za-z][\w-]{0,63})$/.exec(path.slice(prefix.length))
  return match?.[1] !== undefined && match[2] !== undefined ? { room: match[1], name: match[2] } : undefined
}

/** A call whose client has gone is aborted. */
const abortOnLeave = (response: ServerResponse): AbortSignal => {
  const controller = new AbortController()
  response.once('close', () => {
    if (!response.writableFinished) controller.abort()
  })
  return controller.signal
}

const answerCall = async (
  dispatcher: Dispatcher,
  principal: Principal,
  entry: { room: string; name: string },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const signal = abortOnLeave(response)
  const body = await readJson(request)
  if (!body.ok) {
    // What is left of the body is not read.
    response.setHeader('connection', 'close')
    return sendError(response, body.error, body.status)
  }
  const reply = await dispatcher.call(principal, entry.room, entry.name, body.value, signal)
  if (response.destroyed) return
  if (reply.ok) sendJson(response, 200, reply.value)
  else sendError(response, reply.error)
}

export const serveApi = (dispatcher: Dispatcher, principal: Principal) => {
  const description = describeContract(contract)
  return async (path: string, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const document = path === '/api/v1/openapi.json' || path === '/api/v1/contract.json'
    const entry = document ? undefined : entryOf(path, '/api/v1/')
    if (!document && !entry) return sendError(response, nothingHere(path))
    const method = document ? 'GET' : 'POST'
    if (request.method !== method) {
      response.setHeader('allow', method)
      return sendError(response, { kind: 'invalid-input', message: `Use ${method} for ${path}.` }, 405)
    }
    if (entry) return answerCall(dispatcher, principal, entry, request, response)
    return sendJson(response, 200, path.endsWith('openapi.json') ? openapi() : description)
  }
}
