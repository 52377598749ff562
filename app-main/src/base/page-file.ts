/** What both windows serve their page from: a folder of built files, and the rules under which a page may run. */
import { extname, resolve, sep } from 'node:path'

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
}

export interface PageFile {
  readonly path: string
  readonly type: string
  /** The name carries a hash of the content: it never changes. */
  readonly immutable: boolean
}

/**
 * Maps the path of a URL (still percent-encoded, without query) onto a file inside `root`; undefined when it leads
 * elsewhere or is of no kind that a page is made of. Says nothing about whether the file exists.
 */
export const pageFile = (root: string, urlPath: string): PageFile | undefined => {
  let name: string
  try {
    name = decodeURIComponent(urlPath)
  } catch {
    return undefined
  }
  if (!name.startsWith('/') || name.includes('\0') || name.includes('\\')) return undefined
  if (name === '/') name = '/index.html'
  if (name.split('/').some(part => part.startsWith('.'))) return undefined
  const path = resolve(root, `.${name}`)
  if (!path.startsWith(resolve(root) + sep)) return undefined
  const type = TYPES[extname(path).toLowerCase()]
  return type === undefined ? undefined : { path, type, immutable: name.startsWith('/assets/') }
}

/**
 * Sent with every file. xterm's DOM renderer writes style elements, hence `unsafe-inline` for styles; screenshots and
 * cursors are blobs and data URLs. Nothing else may be loaded, framed, or sent anywhere.
 */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' blob: data:",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}
