/**
 * The door to files that the host names. Every path is resolved by the kernel first (links, `..`, /proc/self and all) and the
 * place where it really ends is what the rules are asked about; then the very thing that was asked about is opened, so a link
 * put there meanwhile changes nothing. Paths must be absolute. Failures: `RpcError` (-32001 by a rule, -32002 not there, -32602
 * no proper path), `SysError` otherwise.
 */
import type { SecurityRules } from './config.ts'
import { mayRead, mayWrite } from './path-rules.ts'
import { RpcError } from './rpc-error.ts'
import { failedWith, here, SysError, type FileStat, type Sys } from './sys.ts'

export type Intent = 'read' | 'write'

export interface Opened {
  readonly fd: number
  /** Where it really is. */
  readonly path: string
  readonly stat: FileStat
}

/** A name in a folder that is allowed; the thing itself may be there or not. Close `directory`. */
export interface Place {
  /** Opened for reading: good for `...At` and for `sync`. */
  readonly directory: number
  readonly name: string
  /** Where it really is, or would be. */
  readonly path: string
  /** What stands there, null when nothing does; never followed when it is a link. */
  readonly stat: FileStat | null
}

export interface Access {
  /** Opens a regular file (nothing else: EISDIR, or -32001 for devices, FIFOs and sockets), for reading or in place for writing. */
  openFile(path: string, intent: Intent): Opened
  openDirectory(path: string, intent?: Intent): Opened
  /** The place for a file to make or replace; a link at the end is followed. Missing folders are made only when `createParents` gives their mode, and only after the rules said yes. */
  place(path: string, options?: { readonly createParents?: number }): Place
  /** The same without following a link at the end: for what removes or describes the name itself. */
  nameIn(path: string, intent: Intent): Place
  /** Throws -32000 when so many bytes are more than a file may have. */
  checkSize(bytes: number): void
}

const MAX_LINKS = 40
const MAX_PATH = 4095
const ELOOP = 40
const EISDIR = 21
const ENOTDIR = 20

interface Folder {
  readonly fd: number
  readonly path: string
  /** What is not there yet, below `fd`. */
  readonly missing: readonly string[]
}

/** Without slashes at the end; `/` stays. */
const cleaned = (path: string): string => {
  if (!path.startsWith('/') || path.includes('\0') || path.length > MAX_PATH) {
    throw new RpcError('invalidParams', 'Invalid path: it must be absolute')
  }
  const end = path.search(/\/+$/)
  return end > 0 ? path.slice(0, end) : end === 0 ? '/' : path
}

const split = (path: string): { readonly folder: string; readonly name: string } => {
  const slash = path.lastIndexOf('/')
  const name = path.slice(slash + 1)
  if (name === '' || name === '.' || name === '..') {
    throw new RpcError('invalidParams', `Invalid path: ${path} names no file in a folder`)
  }
  return { folder: slash === 0 ? '/' : path.slice(0, slash), name }
}

const joined = (folder: string, name: string): string => (folder === '/' ? `/${name}` : `${folder}/${name}`)

/** The rules of the configuration, asked of the places where things really are. */
export class RuledAccess implements Access {
  readonly #sys: Sys
  readonly #rules: SecurityRules

  constructor(sys: Sys, rules: SecurityRules) {
    this.#sys = sys
    this.#rules = rules
  }

  openFile(path: string, intent: Intent): Opened {
    const { readOnly, readWrite, nonBlock, noCtty } = this.#sys.open
    return this.#open(cleaned(path), intent, (pinned, stat) => {
      if (stat.kind === 'directory') throw new SysError(EISDIR, 'open')
      if (stat.kind !== 'file') throw new RpcError('permission', `Not a regular file: ${path}`)
      return this.#reopen(pinned, (intent === 'read' ? readOnly : readWrite) | nonBlock | noCtty)
    })
  }

  openDirectory(path: string, intent: Intent = 'read'): Opened {
    const { readOnly, directory } = this.#sys.open
    return this.#open(cleaned(path), intent, (pinned, stat) => {
      if (stat.kind !== 'directory') throw new SysError(ENOTDIR, 'open')
      return this.#reopen(pinned, readOnly | directory)
    })
  }

  place(path: string, options: { readonly createParents?: number } = {}): Place {
    let wanted = cleaned(path)
    for (let links = 0; links <= MAX_LINKS; links++) {
      const { folder, name } = split(wanted)
      const found = this.#folder(folder, options.createParents !== undefined)
      try {
        const target = found.missing.length > 0 ? null : this.#linkAt(found.fd, name)
        if (target === null) return this.#settle(found, name, 'write', options.createParents)
        wanted = cleaned(target.startsWith('/') ? target : joined(found.path, target))
      } finally {
        this.#sys.close(found.fd)
      }
    }
    throw new SysError(ELOOP, 'open')
  }

  nameIn(path: string, intent: Intent): Place {
    const { folder, name } = split(cleaned(path))
    const found = this.#folder(folder, false)
    try {
      return this.#settle(found, name, intent, undefined)
    } finally {
      this.#sys.close(found.fd)
    }
  }

  checkSize(bytes: number): void {
    const { maxFileBytes } = this.#rules
    if (maxFileBytes === null || bytes <= maxFileBytes) return
    throw new RpcError('failed', `File too large: ${bytes} bytes (max ${maxFileBytes / 1024 / 1024} MB)`)
  }

  /** Pins what the path leads to, asks the rules where that is, and lets `use` open it. */
  #open(path: string, intent: Intent, use: (pinned: number, stat: FileStat) => number): Opened {
    const pinned = this.#pin(here, path)
    try {
      const real = this.#whereIs(pinned)
      this.#check(real, intent, path)
      const stat = this.#sys.statOf(pinned)
      if (stat.links === 0) throw new RpcError('notFound', `File not found: ${path}`)
      return { fd: use(pinned, stat), path: real, stat }
    } finally {
      this.#sys.close(pinned)
    }
  }

  /** Refusals by a rule say what was asked for, never where a link leads. */
  #check(real: string, intent: Intent, asked: string): void {
    const allowed = intent === 'read' ? mayRead(this.#sys, this.#rules, real) : mayWrite(this.#sys, this.#rules, real)
    if (!allowed) throw new RpcError('permission', `${intent === 'read' ? 'Read' : 'Write'} access denied: ${asked}`)
  }

  #pin(directory: number, path: string, flags = 0): number {
    return this.#sys.openAt(directory, path, this.#sys.open.path | this.#sys.open.closeOnExec | flags)
  }

  /** The kernel's own word on where an open thing is. */
  #whereIs(fd: number): string {
    const path = this.#sys.readLinkAt(here, `/proc/self/fd/${fd}`)
    // A pipe, something outside of our root.
    if (!path.startsWith('/')) throw new RpcError('permission', 'Not a file of the filesystem')
    return path
  }

  /** Opens the very thing that is pinned. */
  #reopen(pinned: number, flags: number): number {
    return this.#sys.openAt(here, `/proc/self/fd/${pinned}`, flags | this.#sys.open.closeOnExec)
  }

  /** Pins a folder, or with `partly` the last of its parents that is there. */
  #folder(path: string, partly: boolean): Folder {
    const missing: string[] = []
    for (let known = path; ;) {
      try {
        const fd = this.#pin(here, known, this.#sys.open.directory)
        return { fd, path: this.#whereIs(fd), missing }
      } catch (error) {
        if (!partly || known === '/' || !failedWith(error, 'ENOENT')) throw error
      }
      const { folder, name } = split(cleaned(known))
      missing.unshift(name)
      known = folder
    }
  }

  #linkAt(directory: number, name: string): string | null {
    const stat = this.#statAt(directory, name)
    return stat?.kind === 'link' ? this.#sys.readLinkAt(directory, name) : null
  }

  #statAt(directory: number, name: string): FileStat | null {
    try {
      return this.#sys.statAt(directory, name)
    } catch (error) {
      if (failedWith(error, 'ENOENT')) return null
      throw error
    }
  }

  /** Asks the rules, then makes what is missing and opens the folder. */
  #settle(found: Folder, name: string, intent: Intent, mode: number | undefined): Place {
    const path = joined([found.path, ...found.missing].reduce(joined), name)
    this.#check(path, intent, path)
    let pinned = this.#pin(found.fd, '.', this.#sys.open.directory)
    try {
      for (const part of found.missing) {
        const next = this.#enter(pinned, part, mode ?? 0o755)
        this.#sys.close(pinned)
        pinned = next
      }
      const directory = this.#readable(pinned)
      return { directory, name, path, stat: this.#statAt(directory, name) }
    } finally {
      this.#sys.close(pinned)
    }
  }

  /** Makes a folder and pins it; a link that somebody put there meanwhile is refused. */
  #enter(parent: number, name: string, mode: number): number {
    try {
      this.#sys.makeDirectoryAt(parent, name, mode)
    } catch (error) {
      if (!failedWith(error, 'EEXIST')) throw error
    }
    return this.#pin(parent, name, this.#sys.open.directory | this.#sys.open.noFollow)
  }

  /** One may write in folders that one may not read: then it stays a mere name. */
  #readable(pinned: number): number {
    const { readOnly, directory, path } = this.#sys.open
    try {
      return this.#reopen(pinned, readOnly | directory)
    } catch (error) {
      if (!failedWith(error, 'EACCES')) throw error
      return this.#reopen(pinned, path | directory)
    }
  }
}
