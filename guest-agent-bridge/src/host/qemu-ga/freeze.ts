/**
 * Freezing and thawing. A frozen qemu-ga does nothing but thaw, so the guarantee is made before: a small process in the guest
 * that sleeps and then thaws by itself. On this side a timer asks for the thaw as well, and again until it happened.
 */
import type { Asking, Frozen } from '../guest-agent.ts'
import { RemoteError } from '@vireo/app-main/contract'
import { hasEnded, kill, spawn } from './run.ts'
import * as schema from './schema.ts'
import type { Talk } from './talk.ts'

const SECONDS = 60
const FIRST_RETRY_MS = 500
const LAST_RETRY_MS = 30_000
/** Some twenty minutes: after that somebody else has to look. */
const TRIES = 45
const NEVER = new AbortController().signal

/** `$1` seconds, the rest where to thaw. Twice, because a filesystem may lie in a file on another. */
const GUARD = `
command -v fsfreeze >/dev/null || exit 3
sleep "$1"
shift
for round in 1 2; do for place; do fsfreeze -u "$place"; done; done`

export class Freezer {
  /** A conversation of its own for each request: the promise to thaw outlives the one that was closed. */
  readonly #newTalk: () => Talk
  /** Whether processes can be started there. */
  readonly #canGuard: boolean
  #guard: number | null = null
  #timer: NodeJS.Timeout | undefined

  constructor(newTalk: () => Talk, canGuard: boolean) {
    this.#newTalk = newTalk
    this.#canGuard = canGuard
  }

  async freeze(timeoutSeconds: number, { signal }: Asking): Promise<Frozen> {
    this.#release()
    this.#guard = this.#canGuard ? await this.#startGuard(timeoutSeconds, signal) : null
    const autoThawAt = this.#guard === null ? null : Date.now() + timeoutSeconds * 1000
    try {
      const count = await this.#newTalk().ask('guest-fsfreeze-freeze', schema.number, { seconds: SECONDS, signal })
      this.#thawLater(timeoutSeconds * 1000)
      return { count, token: null, autoThawAt }
    } catch (error) {
      // It may be frozen although nobody heard so.
      this.#thawLater(0)
      throw error
    }
  }

  async thaw({ signal }: Asking): Promise<number> {
    const count = await this.#newTalk().ask('guest-fsfreeze-thaw', schema.number, { seconds: SECONDS, signal })
    this.#release()
    return count
  }

  /** Null where the guest cannot thaw by itself. */
  async #startGuard(seconds: number, signal: AbortSignal): Promise<number | null> {
    const options = { seconds: SECONDS, signal }
    const mounted = await this.#newTalk().ask('guest-get-fsinfo', schema.filesystems, options)
    const places = mounted.map(({ mountpoint }) => mountpoint).filter(place => place.startsWith('/'))
    const args = ['/bin/sh', '-c', GUARD, 'sh', String(Math.ceil(seconds)), ...places]
    const pid = await spawn(this.#newTalk(), args, signal)
    // Without the program it ends at once.
    return (await hasEnded(this.#newTalk(), pid, signal)) ? null : pid
  }

  /** Its own clock thawed the guest by then, but qemu-ga serves nothing else until it is told so. */
  #thawLater(inMs: number, retryMs = FIRST_RETRY_MS, tries = TRIES): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.thaw({ signal: NEVER }).catch((error: unknown) => {
        if (tries > 0 && mayTryAgain(error)) this.#thawLater(retryMs, Math.min(LAST_RETRY_MS, retryMs * 2), tries - 1)
      })
    }, inMs)
    this.#timer.unref()
  }

  #release(): void {
    clearTimeout(this.#timer)
    const pid = this.#guard
    this.#guard = null
    if (pid === null) return
    kill(this.#newTalk(), pid)
  }
}

/** A machine that is gone or off is not frozen. */
const mayTryAgain = (error: unknown): boolean =>
  !(error instanceof RemoteError) || !['not-found', 'permission', 'unsupported'].includes(error.detail.kind)
