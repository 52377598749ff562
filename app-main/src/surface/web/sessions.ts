/** Who may use the server: one-time tokens, the sessions they are exchanged for, and the key of programs. */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

const TOKEN_LIMIT = 16
/** Milliseconds that a session lasts after it was last renewed. */
const LIFE_MS = 30 * 24 * 60 * 60 * 1000

/** `own`: of the user the server runs as, on this computer. `guest`: of whoever was given a printed address. */
export type SessionKind = 'own' | 'guest'

export interface SessionsOptions {
  /** For programs; random when absent. */
  readonly key?: string | undefined
  /** Signs the sessions of this user, which outlive the server; random when absent. */
  readonly secret?: string | undefined
  /** What a session is for: one signed for another purpose is none. */
  readonly purpose?: string
}

export const newSecret = (): string => randomBytes(32).toString('base64url')

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Compares digests: neither the content nor the length shows in the time it takes. */
const same = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b))

const sign = (secret: string, text: string): string => createHmac('sha256', secret).update(text).digest('base64url')

export class Sessions {
  /** `Authorization: Bearer …`. Never put into an address. */
  readonly key: string
  /** With whether only this user may redeem them. */
  readonly #tokens = new Map<string, boolean>()
  readonly #secrets: Readonly<Record<SessionKind, string>>

  constructor({ key = newSecret(), secret = newSecret(), purpose = '' }: SessionsOptions = {}) {
    this.key = key
    // A guest's session ends with the server: whoever gets hold of the port next is shown it, and could keep it.
    this.#secrets = { own: sign(secret, purpose), guest: newSecret() }
  }

  /** A token for one address that is opened once; with `ownOnly` it is of no use to other users of this computer. */
  newToken({ ownOnly = false } = {}): string {
    const token = newSecret()
    this.#tokens.set(token, ownOnly)
    for (const oldest of this.#tokens.keys()) {
      if (this.#tokens.size <= TOKEN_LIMIT) break
      this.#tokens.delete(oldest)
    }
    return token
  }

  /** Exchanges a token for a session id; undefined when it is wrong, was used, or is not for this asker. */
  async redeem(candidate: string, isOwn: () => Promise<boolean>): Promise<string | undefined> {
    const known = this.#find(candidate)
    if (known === undefined) return undefined
    const own = await isOwn()
    // A stranger does not use it up, and of two that ask at once the first gets it.
    if (!own && this.#tokens.get(known) !== false) return undefined
    return this.#tokens.delete(known) ? this.newSession(own ? 'own' : 'guest') : undefined
  }

  newSession(kind: SessionKind, now = Date.now()): string {
    const body = `${kind}.${(now + LIFE_MS).toString(36)}.${randomBytes(12).toString('base64url')}`
    return `${body}.${sign(this.#secrets[kind], body)}`
  }

  /** What kind of session an id is, and whether it should be renewed; undefined when it is none. */
  session(id: string | undefined, now = Date.now()): { kind: SessionKind; ageing: boolean } | undefined {
    const match = /^((own|guest)\.([0-9a-z]{1,12})\.[\w-]{16})\.([\w-]{43})$/.exec(id ?? '')
    const [, body = '', kind, until = '', signature = ''] = match ?? []
    if (kind !== 'own' && kind !== 'guest') return undefined
    if (!same(sign(this.#secrets[kind], body), signature)) return undefined
    const left = parseInt(until, 36) - now
    return left > 0 ? { kind, ageing: left < LIFE_MS / 2 } : undefined
  }

  isKey(candidate: string | undefined): boolean {
    return candidate !== undefined && same(this.key, candidate)
  }

  #find(candidate: string): string | undefined {
    let found: string | undefined
    for (const token of this.#tokens.keys()) if (same(token, candidate)) found = token
    return found
  }
}
