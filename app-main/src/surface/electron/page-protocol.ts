/** `app://vireo/…`: the built renderer, with the rules that a web server would send. */
import { readFile } from 'node:fs/promises'
import { PAGE_HEADERS, pageFile } from '../../base/page-file.ts'
import { isPage, PAGE_SCHEME } from './page-address.ts'

/** To be registered before the app is ready. */
export const PAGE_PRIVILEGES = {
  scheme: PAGE_SCHEME,
  privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
}

const nothing = (status: number): Response => new Response(null, { status, headers: PAGE_HEADERS })

/** Answers the requests of the page for files under `root`. */
export const pageProtocol =
  (root: string) =>
  async (request: Pick<Request, 'url' | 'method'>): Promise<Response> => {
    if (!isPage(request.url)) return nothing(403)
    if (request.method !== 'GET' && request.method !== 'HEAD') return nothing(405)
    const file = pageFile(root, new URL(request.url).pathname)
    const bytes = file && (await readFile(file.path).catch(() => undefined))
    if (!file || !bytes) return nothing(404)
    return new Response(request.method === 'HEAD' ? null : bytes, {
      headers: { ...PAGE_HEADERS, 'content-type': file.type, 'cache-control': 'no-cache' },
    })
  }
