/** HTTP as image hosts need it: proxies of the environment, redirects counted and kept honest, a limit on everything. */
import type Undici from 'undici'
import type { Dispatcher } from 'undici'
import { RemoteError } from '../contract/index.ts'
import { Body } from './body.ts'

const MOST_REDIRECTS = 8
/** Lists and signatures, bytes. */
const MOST_TEXT = 8 * 1024 * 1024

export interface HttpOptions {
  /** Silence after which a server counts as stalled, milliseconds. */
  readonly stallMs?: number
  readonly environment?: NodeJS.ProcessEnv
  /**
   * Other places for addresses that begin with a key, for instance a mirror inside a company:
   * `{ 'https://cloud.debian.org/': 'https://mirror.example/debian-cloud/' }`.
   */
  readonly mirrors?: () => Readonly<Record<string, string>>
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Body
  /** Where it came from after all redirects. */
  readonly url: string
}

export const headerOf = ({ headers }: Pick<HttpAnswer, 'headers'>, name: string): string | undefined => {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
}

const refused = (message: string, hint?: string) =>
  new RemoteError({ kind: 'precondition', message, ...(hint === undefined ? {} : { hint }) })

/** Only what a person may safely type or a vendor may send us to. Throws `invalid-input`. */
export const webAddress = (text: string): URL => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url && (url.protocol === 'https:' || url.protocol === 'http:')) return url
  throw new RemoteError({ kind: 'invalid-input', message: `“${text.slice(0, 200)}” is no http or https address.` })
}

/**
 * Without name, password and query, which may hold a secret (signed addresses) and belong into no message and no file that
 * others read.
 */
export const shownAddress = (url: string): string => {
  const shown = new URL(url)
  shown.username = ''
  shown.password = ''
  shown.search = ''
  shown.hash = ''
  return shown.href
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

const REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'names cannot be looked up now',
  ECONNREFUSED: 'nothing answers there',
  ECONNRESET: 'it broke the connection',
  UND_ERR_SOCKET: 'it broke the connection',
  UND_ERR_CONNECT_TIMEOUT: 'nothing answers there',
  UND_ERR_HEADERS_TIMEOUT: 'it does not answer',
  UND_ERR_BODY_TIMEOUT: 'it stopped sending',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not one that this computer trusts',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not one that this computer trusts',
}
const STALLS = new Set(['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'])

/** What went wrong on the way, as a typed failure; what is one already stays. */
export const networkFailure = (url: string, error: unknown, signal?: AbortSignal): RemoteError => {
  if (signal?.aborted && signal.reason instanceof RemoteError) return signal.reason
  if (signal?.aborted) return new RemoteError({ kind: 'cancelled', message: 'The download was cancelled.' })
  if (error instanceof RemoteError) return error
  const code = codeOf(error)
  const why = REASONS[code] ?? (error instanceof Error ? error.message : String(error))
  const message = `${new URL(url).host} cannot be used: ${why}.`
  const hint =
    'Check the network connection (and a proxy, where you need one), then try again: what is here already is kept.'
  const detail = STALLS.has(code)
    ? ({ kind: 'timeout' } as const)
    : ({ kind: 'connection', trouble: code === 'ECONNRESET' ? 'lost' : 'not-responding' } as const)
  return new RemoteError({ ...detail, message, hint }, { cause: error })
}

const openAgent = async ({ stallMs = 30_000, environment = process.env }: HttpOptions): Promise<Way> => {
  const { EnvHttpProxyAgent, request } = await import('./web-request.ts')
  const agent = new EnvHttpProxyAgent({
    httpProxy: environment['http_proxy'] || environment['HTTP_PROXY'] || '',
    httpsProxy: environment['https_proxy'] || environment['HTTPS_PROXY'] || '',
    noProxy: environment['no_proxy'] || environment['NO_PROXY'] || '',
    connect: { timeout: stallMs },
    headersTimeout: stallMs,
    bodyTimeout: stallMs,
  })
  return { agent, request }
}

interface Way {
  readonly agent: Dispatcher
  readonly request: typeof Undici.request
}

/** Where a redirect leads; undefined where it must not be followed. `plain`: a checksum protects what comes, so http will do. */
export const redirectTarget = (from: URL, to: string, plain: boolean): URL | undefined => {
  if (!URL.canParse(to, from.href)) return undefined
  const next = webAddress(new URL(to, from.href).href)
  return from.protocol === 'https:' && next.protocol === 'http:' && !plain ? undefined : next
}

export class HttpClient {
  readonly #options: HttpOptions
  #way: Promise<Way> | undefined

  constructor(options: HttpOptions = {}) {
    this.#options = options
  }

  /** Where an address is really fetched from. */
  mirrored(url: string): string {
    const mirrors = Object.entries(this.#options.mirrors?.() ?? {})
    const [from, to] = mirrors.find(([prefix]) => url.startsWith(prefix)) ?? []
    return from === undefined || to === undefined ? url : to + url.slice(from.length)
  }

  /**
   * Opens a resource; the caller consumes or destroys its body. Follows redirects, never to another protocol, and from
   * https to http only where `plain` says that a checksum protects what comes. Throws `connection`, `timeout`, `precondition` (a server that leads astray) or `cancelled`.
   */
  async get(
    address: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
    plain = false,
  ): Promise<HttpAnswer> {
    let url = webAddress(this.mirrored(address))
    const seen = new Set<string>()
    for (;;) {
      if (seen.has(url.href) || seen.size > MOST_REDIRECTS)
        throw refused(`${url.host} sends us round in circles.`, 'Take another mirror or address.')
      seen.add(url.href)
      const answer = await this.#once(url, headers, signal)
      const to = answer.status >= 300 && answer.status < 400 ? headerOf(answer, 'location') : undefined
      if (to === undefined || answer.status === 304) return answer
      answer.body.destroy()
      const next = redirectTarget(url, to, plain)
      if (!next) throw refused(`${url.host} sends us to a place without encryption.`, 'Take another mirror or address.')
      url = next
    }
  }

  async #once(url: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<HttpAnswer> {
    try {
      this.#way ??= openAgent(this.#options)
      const { agent, request } = await this.#way
      const answer = await request(url, {
        dispatcher: agent,
        headers: { 'user-agent': 'vireo', ...headers },
        signal,
      })
      return { status: answer.statusCode, headers: answer.headers, body: new Body(answer.body), url: url.href }
    } catch (error) {
      throw networkFailure(url.href, error, signal)
    }
  }

  /** A list or signature. Throws as `get`, `not-found` on 404 and `precondition` on more than 8 MiB. */
  async bytes(address: string, signal: AbortSignal): Promise<{ bytes: Buffer; url: string }> {
    const answer = await this.get(address, {}, signal)
    try {
      if (answer.status !== 200) throw statusFailure(answer)
      const parts: Buffer[] = []
      let size = 0
      for await (const bytes of answer.body) {
        size += bytes.length
        if (size > MOST_TEXT) throw refused(`${answer.url} is far too long for a list.`)
        parts.push(bytes)
      }
      return { bytes: Buffer.concat(parts), url: answer.url }
    } catch (error) {
      throw networkFailure(answer.url, error, signal)
    } finally {
      answer.body.destroy()
    }
  }

  async text(address: string, signal: AbortSignal): Promise<string> {
    return (await this.bytes(address, signal)).bytes.toString('utf8')
  }

  async close(): Promise<void> {
    await (await this.#way)?.agent.destroy()
  }
}

/** An answer that brings nothing. */
export const statusFailure = ({ status, url }: Pick<HttpAnswer, 'status' | 'url'>): RemoteError => {
  const shown = shownAddress(url)
  if (status === 404 || status === 410)
    return new RemoteError({
      kind: 'not-found',
      message: `${shown} is not there any more.`,
      hint: 'The vendor may have moved it: look for a newer release, or give its address yourself.',
    })
  if (status === 401 || status === 403 || status === 407)
    return new RemoteError({ kind: 'permission', message: `${shown} is not given to us (HTTP ${status}).` })
  const said = { message: `${shown} cannot be had now (HTTP ${status}).`, hint: 'Try again later.' }
  // What lies in the server's state is worth another attempt.
  const passing = status === 429 || status >= 500
  return new RemoteError(
    passing ? { kind: 'connection', trouble: 'not-responding', ...said } : { kind: 'precondition', ...said },
  )
}
