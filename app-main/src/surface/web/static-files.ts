/** The renderer's files: compressed once, cached by the browser for ever where the name says what is inside. */
import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { PAGE_HEADERS, pageFile, type PageFile } from '../../base/page-file.ts'
import { sendRefusal } from './respond.ts'

const compressors = {
  br: (bytes: Buffer) => promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
  gzip: (bytes: Buffer) => promisify(gzip)(bytes),
} as const
type Coding = keyof typeof compressors

interface Cached {
  readonly bytes: Buffer
  readonly etag: string
  /** Modification time, milliseconds: a rebuilt file is read again. */
  readonly modified: number
}

const isText = (file: PageFile): boolean => /^(text|application)\//.test(file.type) && file.type !== 'application/wasm'

const codingOf = (request: IncomingMessage, file: PageFile): Coding | undefined => {
  if (!isText(file)) return undefined
  const accepted = request.headers['accept-encoding'] ?? ''
  return (['br', 'gzip'] as const).find(coding => new RegExp(`\\b${coding}\\b`).test(accepted))
}

export const staticFiles = (root: string) => {
  // Bounded by the folder, times the codings.
  const cache = new Map<string, Cached>()

  const load = async (file: PageFile, coding: Coding | undefined): Promise<Cached | undefined> => {
    const found = await stat(file.path).catch(() => undefined)
    if (!found?.isFile()) return undefined
    const key = `${coding ?? 'plain'} ${file.path}`
    const known = cache.get(key)
    if (known?.modified === found.mtimeMs) return known
    const plain = await readFile(file.path)
    const bytes = coding ? await compressors[coding](plain) : plain
    const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`
    const fresh = { bytes, etag, modified: found.mtimeMs }
    cache.set(key, fresh)
    return fresh
  }

  return async (path: string, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD')
      return sendRefusal(request, response, 405, 'This address can only be read.')
    }
    const file = pageFile(root, path)
    const coding = file && codingOf(request, file)
    const content = file && (await load(file, coding))
    if (!file || !content) return sendRefusal(request, response, 404, 'There is nothing at this address.')
    const headers = {
      ...PAGE_HEADERS,
      'content-type': file.type,
      etag: content.etag,
      vary: 'accept-encoding',
      'cache-control': file.immutable ? 'private, max-age=31536000, immutable' : 'no-cache',
    }
    if (request.headers['if-none-match'] === content.etag) {
      response.writeHead(304, headers).end()
      return
    }
    response.writeHead(200, {
      ...headers,
      'content-length': content.bytes.byteLength,
      ...(coding && { 'content-encoding': coding }),
    })
    response.end(request.method === 'HEAD' ? undefined : content.bytes)
  }
}
