/** Ways to answer: JSON for programs, a small page for people. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { PAGE_HEADERS } from '../../base/page-file.ts'
import type { AppError } from '../../contract/index.ts'

const STATUS: Readonly<Record<AppError['kind'], number>> = {
  'invalid-input': 400,
  'not-found': 404,
  ambiguous: 409,
  precondition: 409,
  unsupported: 501,
  permission: 403,
  'host-key': 403,
  connection: 503,
  busy: 409,
  timeout: 504,
  cancelled: 409,
  refused: 403,
  libvirt: 502,
  internal: 500,
}

export const statusOf = (error: AppError): number => STATUS[error.kind]

export const sendJson = (response: ServerResponse, status: number, value: unknown): void => {
  const body = Buffer.from(JSON.stringify(value ?? null))
  response.writeHead(status, {
    ...PAGE_HEADERS,
    'content-type': 'application/json; charset=utf-8',
    'content-length': body.byteLength,
    'cache-control': 'no-store',
  })
  response.end(body)
}

export const sendError = (response: ServerResponse, error: AppError, status = statusOf(error)): void =>
  sendJson(response, status, { error })

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

const page = (message: string, hint: string | undefined): string => `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Vireo</title>
<style>
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
  body { max-width: 34rem; margin: 20vh auto; padding: 0 1.5rem }
  h1 { font-size: 1.25rem }
</style>
<h1>${escape(message)}</h1>
${hint === undefined ? '' : `<p>${escape(hint)}</p>`}
</html>
`

const wantsPage = (request: IncomingMessage): boolean => (request.headers.accept ?? '').includes('text/html')

const sendPage = (response: ServerResponse, status: number, text: string): void => {
  const body = Buffer.from(text)
  response.writeHead(status, {
    ...PAGE_HEADERS,
    'content-type': 'text/html; charset=utf-8',
    'content-length': body.byteLength,
    'cache-control': 'no-store',
  })
  response.end(body)
}

/** Sends the browser on from a page of ours: what follows is then our own doing, and a strict cookie comes along. */
export const sendOn = (response: ServerResponse, path: string): void =>
  sendPage(response, 200, `<!doctype html><meta http-equiv="refresh" content="0;url=${path}"><title>Vireo</title>\n`)

/** Says no, in the form that the asker reads. */
export const sendRefusal = (
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  message: string,
  hint?: string,
): void => {
  if (!wantsPage(request))
    return sendError(response, { kind: 'permission', message, ...(hint !== undefined && { hint }) }, status)
  sendPage(response, status, page(message, hint))
}
