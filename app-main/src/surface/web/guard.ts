/** Decides from its headers whether a request may pass. */
import type { IncomingHttpHeaders } from 'node:http'
import type { SessionKind, Sessions } from './sessions.ts'

export type Verdict =
  | { readonly pass: true; readonly by: 'key' }
  /** `renew`: the session should be replaced by a fresh one of its kind. */
  | { readonly pass: true; readonly by: 'session'; readonly renew: SessionKind | undefined }
  | { readonly pass: false; readonly status: 401 | 403; readonly message: string; readonly hint?: string }

const NAMES = ['127.0.0.1', 'localhost', '[::1]']

/** Cookies do not know ports: the name keeps two servers on one machine apart. */
export const cookieName = (port: number): string => `vireo-${port}`

export const cookieOf = (headers: IncomingHttpHeaders, port: number): string | undefined => {
  for (const pair of (headers.cookie ?? '').split(';')) {
    const [name, value] = pair.trim().split('=', 2)
    if (name === cookieName(port)) return value
  }
  return undefined
}

const bearerOf = (headers: IncomingHttpHeaders): string | undefined =>
  /^Bearer ([\w-]{1,200})$/i.exec(headers.authorization ?? '')?.[1]

/** A page of another site can make a name of its own point at 127.0.0.1, but cannot forge the Host header it then sends. */
export const foreignHost = (headers: IncomingHttpHeaders, port: number): boolean =>
  !NAMES.some(name => headers.host?.toLowerCase() === `${name}:${port}` || (port === 80 && headers.host === name))

const foreignOrigin = (headers: IncomingHttpHeaders): boolean =>
  headers.origin !== undefined && headers.origin.toLowerCase() !== `http://${headers.host?.toLowerCase()}`

const refuse = (status: 401 | 403, message: string, hint?: string): Verdict => ({
  pass: false,
  status,
  message,
  ...(hint !== undefined && { hint }),
})

const noSession = refuse(
  401,
  'This browser has no session with Vireo.',
  'Run “npm start” or “vireo serve” again: it prints an address that opens one.',
)

export interface Asker {
  readonly headers: IncomingHttpHeaders
  /** The port that was asked. */
  readonly port: number
  /**
   * The request does something (a call, a WebSocket). Browsers always send Origin with those, so with a cookie it must be
   * there and be ours; a program with the key sends none.
   */
  readonly active: boolean
  /** Whether a program of this user asks. */
  readonly isOwn: () => Promise<boolean>
}

export const judge = async ({ headers, port, active, isOwn }: Asker, sessions: Sessions): Promise<Verdict> => {
  if (foreignHost(headers, port))
    return refuse(403, 'This address is not served here.', `Vireo answers only at http://127.0.0.1:${port}/.`)
  if (foreignOrigin(headers)) return refuse(403, 'Another site tried to use Vireo through your browser.')
  if (sessions.isKey(bearerOf(headers))) return { pass: true, by: 'key' }
  const session = sessions.session(cookieOf(headers, port))
  // Cookies do not know ports: a server of somebody else on this computer may have been shown it.
  if (!session || (session.kind === 'own' && !(await isOwn()))) return noSession
  if (active && headers.origin === undefined) return refuse(403, 'The request does not say where it comes from.')
  return { pass: true, by: 'session', renew: session.ageing ? session.kind : undefined }
}
