/** What the generated tables say about one remote procedure. */
import type { XdrReader } from './xdr-reader.ts'
import type { XdrWriter } from './xdr-writer.ts'

export interface Procedure<Args, Ret> {
  /** C name without prefix, lower case, for instance `connect_list_all_domains`. */
  readonly name: string
  /** RPC program number: remote, qemu or lxc. */
  readonly program: number
  readonly version: number
  readonly number: number
  /** True when libvirt serves it from its priority workers, so that a stuck guest cannot delay it. */
  readonly priority: boolean
  /** How its data travels besides the reply: `readstream` (from the daemon), `writestream` (to it; both directions may flow). */
  readonly stream?: 'readstream' | 'writestream'
  encode(writer: XdrWriter, args: Args): void
  decode(reader: XdrReader): Ret
}

/** A message that the daemon sends by itself. */
export interface ProtocolEvent<Payload> {
  readonly name: string
  readonly program: number
  readonly number: number
  decode(reader: XdrReader): Payload
}
