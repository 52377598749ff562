/**
 * One file on its way in: a temporary file beside its target, which takes the target's name when it is whole. Whatever happens before
 * that, a crash or a full disk, the target is the old one.
 */
import type { vireo } from '../../protocol/index.ts'
import type { Place } from '../access.ts'
import { writeAll } from '../files.ts'
import { RpcError } from '../rpc-error.ts'
import { failedWith, type FileStat, type Sys } from '../sys.ts'
import { findGroup, findUser } from '../users.ts'

export type UploadParams = Pick<
  vireo.ParamsOf<typeof vireo.fileWriteBegin>,
  'size_bytes' | 'mode' | 'owner' | 'group' | 'overwrite'
>

/** After so many bytes the disk is waited for, so that the last wait is short and the host feels the disk's real speed. */
const SYNC_BYTES = 16 * 1024 * 1024
const SLICE_BYTES = 64 * 1024

const partName = (token: string): string => `.vireo-${token}.part`
export const isPartName = (name: string): boolean => /^\.vireo-[0-9a-f]{32}\.part$/.test(name)
export const tokenOfPart = (name: string): string => name.slice('.vireo-'.length, -'.part'.length)

const noSpace = (message: string): RpcError => new RpcError('failed', message, { reason: 'no-space' })

/** Says a full disk in a way that a program understands. */
const asNoSpace = (error: unknown): unknown => (failedWith(error, 'ENOSPC', 'EDQUOT') ? noSpace(error.message) : error)

const refuseTarget = (place: Place, overwrite: boolean): void => {
  if (place.stat === null) return
  if (place.stat.kind === 'directory') throw new RpcError('failed', `Is a directory: ${place.path}`)
  if (place.stat.kind !== 'file') throw new RpcError('permission', `Not a regular file: ${place.path}`)
  if (!overwrite) throw new RpcError('precondition', `Exists already: ${place.path}`)
}

const idOf = (account: string | undefined, find: (name: string) => number | undefined, what: string): number | null => {
  if (account === undefined) return null
  const id = find(account) ?? (/^\d{1,10}$/.test(account) ? Number(account) : undefined)
  if (id === undefined) throw new RpcError('notFound', `No such ${what}: ${account}`)
  return id
}

interface Owner {
  readonly uid: number | null
  readonly gid: number | null
}

const ownerOf = (sys: Sys, params: UploadParams): Owner => ({
  uid: idOf(params.owner, name => findUser(sys, name)?.uid, 'user'),
  gid: idOf(params.group, name => findGroup(sys, name)?.gid, 'group'),
})

export class Upload {
  readonly token: string
  readonly path: string
  readonly #sys: Sys
  readonly #place: Place
  readonly #fd: number
  readonly #params: UploadParams
  readonly #owner: Owner
  #size: number
  /** So much is on the disk for certain. */
  #synced = 0
  #closed = false

  /** Takes the place over when it succeeds. With `resume` the part must be there and be ours, with `either` it may. */
  constructor(sys: Sys, place: Place, params: UploadParams, token: string, how: 'create' | 'resume' | 'either') {
    refuseTarget(place, params.overwrite)
    this.token = token
    this.path = place.path
    this.#sys = sys
    this.#place = place
    this.#params = params
    this.#owner = ownerOf(sys, params)
    this.#fd = how === 'create' ? this.#create() : how === 'resume' ? this.#reopen() : this.#either()
    this.#size = sys.statOf(this.#fd).size
  }

  get size(): number {
    return this.#size
  }

  #create(): number {
    const { sys, place, params } = { sys: this.#sys, place: this.#place, params: this.#params }
    const { bytes, path } = { bytes: params.size_bytes ?? 0, path: `/proc/self/fd/${place.directory}` }
    const { blockSize, blocks, free, available } = sys.filesystem(path)
    // Filesystems in memory may tell no size at all.
    if (blocks > 0 && bytes > blockSize * (sys.uid === 0 ? free : available)) throw noSpace('No space left on device')
    const { readWrite, create, exclusive, noFollow, closeOnExec } = sys.open
    const flags = readWrite | create | exclusive | noFollow | closeOnExec
    try {
      return sys.openAt(place.directory, partName(this.token), flags, 0o600)
    } catch (error) {
      throw asNoSpace(error)
    }
  }

  /** A strange thing under the part's name stays what it is, and is refused when it is to be made. */
  #either(): number {
    try {
      return this.#reopen()
    } catch (error) {
      if (error instanceof RpcError) return this.#create()
      throw error
    }
  }

  #reopen(): number {
    const gone = new RpcError('precondition', 'No such upload: begin again', { reason: 'unknown-upload' })
    const { readWrite, noFollow, nonBlock, noCtty, closeOnExec } = this.#sys.open
    let fd: number
    try {
      fd = this.#sys.openAt(
        this.#place.directory,
        partName(this.token),
        readWrite | noFollow | nonBlock | noCtty | closeOnExec,
      )
    } catch (error) {
      throw failedWith(error, 'ENOENT', 'ELOOP', 'EISDIR', 'ENXIO', 'EACCES') ? gone : error
    }
    const { kind, uid, links } = this.#sys.statOf(fd)
    if (kind === 'file' && uid === this.#sys.uid && links === 1) return fd
    this.#sys.close(fd)
    throw gone
  }

  /** Writes at `offset`, which is not behind the end; gives the new end. */
  write(offset: number, bytes: Uint8Array): number {
    if (offset > this.#size) {
      throw new RpcError('precondition', `The next byte is ${this.#size}, not ${offset}`, { offset: this.#size })
    }
    try {
      writeAll(this.#sys, this.#fd, bytes, offset)
    } catch (error) {
      // Takes a half-written chunk away.
      this.#sys.truncate(this.#fd, this.#size)
      throw asNoSpace(error)
    }
    this.#size = Math.max(this.#size, offset + bytes.length)
    if (this.#size - this.#synced >= SYNC_BYTES) this.#sync()
    return this.#size
  }

  /** What the disk did not take is gone, so the next byte is the first after what it took. */
  #sync(): void {
    try {
      this.#sys.sync(this.#fd)
      this.#synced = this.#size
    } catch (error) {
      this.#size = Math.min(this.#size, this.#synced)
      this.#sys.truncate(this.#fd, this.#size)
      throw asNoSpace(error)
    }
  }

  /** SHA-256 of what is there so far; `turn` lets others work between two slices. */
  async digest(turn: () => Promise<void>): Promise<string> {
    const sum = this.#sys.sha256()
    const buffer = new Uint8Array(SLICE_BYTES)
    for (let at = 0; at < this.#size;) {
      const count = this.#sys.read(this.#fd, buffer, at)
      if (count === 0) break
      sum.update(buffer.subarray(0, count))
      at += count
      await turn()
    }
    return sum.digest()
  }

  /** The target becomes the new file. Throws when anything is not as it was begun; then the target is untouched. */
  commit(): number {
    const expected = this.#params.size_bytes
    if (expected !== undefined && expected !== this.#size) {
      throw new RpcError('precondition', `${this.#size} of ${expected} bytes arrived`, { offset: this.#size })
    }
    try {
      this.#dress()
      this.#sync()
      this.#rename()
    } catch (error) {
      throw asNoSpace(error)
    }
    return this.#size
  }

  #target(): FileStat | null {
    try {
      return this.#sys.statAt(this.#place.directory, this.#place.name)
    } catch (error) {
      if (failedWith(error, 'ENOENT')) return null
      throw error
    }
  }

  /** Owner before mode: a change of owner takes set-uid away. */
  #dress(): void {
    const sys = this.#sys
    const old = this.#target()
    refuseTarget({ ...this.#place, stat: old }, this.#params.overwrite)
    const mine = sys.statOf(this.#fd)
    const uid = this.#owner.uid ?? old?.uid ?? mine.uid
    const gid = this.#owner.gid ?? old?.gid ?? mine.gid
    if (uid !== mine.uid || gid !== mine.gid) sys.changeOwner(this.#fd, uid, gid)
    sys.changeMode(this.#fd, this.#params.mode ?? old?.mode ?? 0o644)
  }

  #rename(): void {
    const [sys, { directory, name }, part] = [this.#sys, this.#place, partName(this.token)]
    const [named, mine] = [sys.statAt(directory, part), sys.statOf(this.#fd)]
    if (named.inode !== mine.inode || named.device !== mine.device) {
      throw new RpcError('precondition', 'The temporary file was replaced by somebody else')
    }
    if (!this.#params.overwrite) this.#reserve()
    sys.renameAt(directory, part, directory, name)
    sys.sync(directory)
  }

  /** Of two that must not overwrite, one gets the name. */
  #reserve(): void {
    const { writeOnly, create, exclusive, noFollow, closeOnExec } = this.#sys.open
    const { directory, name, path } = this.#place
    try {
      const flags = writeOnly | create | exclusive | noFollow | closeOnExec
      this.#sys.close(this.#sys.openAt(directory, name, flags, 0o600))
    } catch (error) {
      throw failedWith(error, 'EEXIST') ? new RpcError('precondition', `Exists already: ${path}`) : error
    }
  }

  /** Lets go of the descriptors; the part stays and can be resumed. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#sys.close(this.#fd)
    this.#sys.close(this.#place.directory)
  }

  /** Removes the part, which after a commit is not there any more. */
  discard(): void {
    if (this.#closed) return
    try {
      this.#sys.removeAt(this.#place.directory, partName(this.token), 'file')
    } catch (error) {
      if (!failedWith(error, 'ENOENT')) throw error
    } finally {
      this.close()
    }
  }
}
