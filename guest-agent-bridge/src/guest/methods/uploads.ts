/** The uploads under way, and what becomes of those that nobody finishes. */
import type { Place } from '../access.ts'
import type { Timer } from '../loop.ts'
import type { MethodContext } from '../method.ts'
import { RpcError } from '../rpc-error.ts'
import { failedWith, type Sys } from '../sys.ts'
import { isPartName, tokenOfPart, Upload, type UploadParams } from './upload.ts'

/** Each holds two descriptors. */
const MAX_UPLOADS = 32
/** A part that no chunk came for is removed after this; one that the host named itself waits for it longer. */
const IDLE_MS = 15 * 60_000
const KEYED_IDLE_MS = 60 * 60_000
/** One that rests so long makes room for others when there are too many: its part stays, and whoever names it goes on. */
const RESTING_MS = 60_000
/** Parts of an agent that was killed are swept from a directory that is written to again, when they are as old as this. */
const STALE_MS = 24 * 3_600_000

/** Which upload is meant: none of the two for a new one. */
export interface Which {
  readonly resume?: string | undefined
  /** The host's own name for it, which goes on or begins. */
  readonly key?: string | undefined
}

interface Live {
  readonly upload: Upload
  /** Milliseconds that it may rest. */
  readonly patience: number
  usedAt: number
  readonly context: MethodContext
  timer: Timer
  busy: boolean
}

const newToken = (sys: Sys): string => [...sys.random(16)].map(byte => byte.toString(16).padStart(2, '0')).join('')

export class Uploads {
  readonly #live = new Map<string, Live>()

  /** Takes `place` over; closes it when it fails. */
  begin(context: MethodContext, place: Place, params: UploadParams, { resume, key }: Which = {}): Upload {
    try {
      const named = resume ?? key
      const known = named === undefined ? undefined : this.#live.get(named)
      if (known !== undefined) this.#letGo(known, place)
      if (this.#live.size >= MAX_UPLOADS) this.#makeRoom(context.sys.now())
      if (this.#live.size >= MAX_UPLOADS) throw new RpcError('busy', `${MAX_UPLOADS} uploads are under way already`)
      this.#sweep(context.sys, place)
      const token = named ?? newToken(context.sys)
      const how = resume !== undefined ? 'resume' : key !== undefined ? 'either' : 'create'
      const upload = new Upload(context.sys, place, params, token, how)
      const patience = key === undefined ? IDLE_MS : KEYED_IDLE_MS
      const timer = this.#expiry(context, upload, patience)
      this.#live.set(token, { upload, context, patience, usedAt: context.sys.now(), timer, busy: false })
      return upload
    } catch (error) {
      context.sys.close(place.directory)
      throw error
    }
  }

  /** The former conversation's handle is closed; the part stays. */
  #letGo(live: Live, place: Place): void {
    if (live.upload.path !== place.path) {
      throw new RpcError('precondition', `That upload goes to ${live.upload.path}`, { reason: 'unknown-upload' })
    }
    this.#free(live)
    this.#forget(live)
    live.upload.close()
  }

  /** Lets go of the one that rested longest. */
  #makeRoom(now: number): void {
    const [oldest] = [...this.#live.values()]
      .filter(({ patience, usedAt, busy }) => patience === KEYED_IDLE_MS && !busy && now - usedAt > RESTING_MS)
      .toSorted((a, b) => a.usedAt - b.usedAt)
    if (oldest === undefined) return
    this.#forget(oldest)
    oldest.upload.close()
  }

  #free(live: Live): void {
    if (live.busy) throw new RpcError('busy', 'This upload is being finished')
  }

  #expiry(context: MethodContext, upload: Upload, patience: number): Timer {
    return context.loop.after(patience, () => this.#expire(context, upload))
  }

  #expire(context: MethodContext, upload: Upload): void {
    this.#live.delete(upload.token)
    try {
      upload.discard()
      context.log.info('removed an upload that nobody finished', { path: upload.path })
    } catch (error) {
      context.log.warn('cannot remove an upload', { path: upload.path, error: String(error) })
    }
  }

  #forget(live: Live): void {
    live.timer.cancel()
    this.#live.delete(live.upload.token)
  }

  #find(token: string): Live {
    const live = this.#live.get(token)
    if (live === undefined) throw new RpcError('precondition', 'No such upload', { reason: 'unknown-upload' })
    this.#free(live)
    return live
  }

  write(token: string, offset: number, bytes: Uint8Array): number {
    const live = this.#find(token)
    live.timer.cancel()
    live.usedAt = live.context.sys.now()
    live.timer = this.#expiry(live.context, live.upload, live.patience)
    return live.upload.write(offset, bytes)
  }

  /** In the end the upload is gone, whether it succeeded or not; only a host that leaves meanwhile can come back for it. */
  async commit(context: MethodContext, token: string, sha256: string | undefined): Promise<Upload> {
    const live = this.#find(token)
    const { upload } = live
    if (sha256 !== undefined) await this.#digest(context, live, sha256)
    try {
      upload.commit()
      return upload
    } finally {
      this.#drop(live)
    }
  }

  async #digest(context: MethodContext, live: Live, sha256: string): Promise<void> {
    live.busy = true
    const actual = await live.upload
      .digest(async () => {
        await context.loop.sleep(0)
        if (context.signal.aborted) throw new RpcError('failed', context.signal.reason ?? 'Cancelled')
      })
      .finally(() => {
        live.busy = false
      })
    if (actual === sha256) return
    this.#drop(live)
    throw new RpcError('precondition', 'What arrived is not what was sent', { reason: 'checksum', sha256: actual })
  }

  #drop(live: Live): void {
    this.#forget(live)
    live.upload.discard()
  }

  abort(token: string): void {
    this.#drop(this.#find(token))
  }

  #sweep(sys: Sys, place: Place): void {
    const { readOnly, directory, closeOnExec } = sys.open
    // A descriptor of its own: reading moves it.
    const fd = sys.openAt(place.directory, '.', readOnly | directory | closeOnExec)
    try {
      const parts = sys.readDirectory(fd).filter(({ name }) => isPartName(name) && !this.#live.has(tokenOfPart(name)))
      for (const { name } of parts) this.#sweepPart(sys, fd, name)
    } finally {
      sys.close(fd)
    }
  }

  #sweepPart(sys: Sys, directory: number, name: string): void {
    try {
      const { kind, uid, modifiedAt } = sys.statAt(directory, name)
      if (kind !== 'file' || uid !== sys.uid || modifiedAt > sys.now() - STALE_MS) return
      sys.removeAt(directory, name, 'file')
    } catch (error) {
      if (!failedWith(error, 'ENOENT', 'EACCES', 'EPERM')) throw error
    }
  }
}
