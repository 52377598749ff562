/** `/download/guest/readFile`: a guest's file for the browser's own downloads, as it comes; nothing is gathered here. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { PAGE_HEADERS } from '../../base/page-file.ts'
import type { Dispatcher, Principal } from '../../dispatch/dispatcher.ts'
import { sendError } from './respond.ts'

export const DOWNLOAD_PATH = '/download/guest/readFile'

const NAME_LIMIT = 255

/** A file name for `Content-Disposition`: any character of any language, none that could end the header or name a folder. */
export const disposition = (name: string): string => {
  const plain = name.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}/\\]/gu, '_').slice(0, NAME_LIMIT)
  const encoded = encodeURIComponent(/^\.*$/.test(plain) ? 'file' : plain).replace(
    /['()*]/g,
    character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename*=UTF-8''${encoded}`
}

const inputOf = (url: URL): unknown => {
  try {
    return JSON.parse(url.searchParams.get('input') ?? '')
  } catch {
    return undefined
  }
}

/** Only our own page may begin one with a browser's session: an address that somebody else thought of does nothing. */
export const isAskedByPage = ({ headers }: IncomingMessage): boolean => headers['sec-fetch-site'] === 'same-origin'

export const serveDownloads =
  (dispatcher: Dispatcher, principal: Principal) =>
  async (url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method !== 'GET') {
      response.setHeader('allow', 'GET')
      return sendError(response, { kind: 'invalid-input', message: 'Use GET for a download.' }, 405)
    }
    const opened = await dispatcher.open(principal, 'guest', 'readFile', inputOf(url))
    if (!opened.ok) return sendError(response, opened.error)
    response.writeHead(200, {
      ...PAGE_HEADERS,
      'content-type': 'application/octet-stream',
      'content-disposition': disposition(url.searchParams.get('name') ?? ''),
      'cache-control': 'no-store',
    })
    // An answer that breaks off is how a browser learns that the file is not whole.
    await pipeline(opened.stream, response).catch(() => response.destroy())
    opened.stream.destroy()
  }
