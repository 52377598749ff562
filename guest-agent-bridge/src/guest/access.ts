/**
 * The door to files that the host names. Every path is resolved by the kernel first (links, `..`, /proc/self and all) and the
 * place where it really ends is what the rules are asked about; then the very thing that was asked about is opened, so a link
 * put there meanwhile changes nothing. Paths must be absolute. Failures: `RpcError` (-32001 by a rule, -32002 not there, -32602
 * no proper path), `SysError` otherwise.
 */
import type { FileStat } from './sys.ts'

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
