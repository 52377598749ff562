import { LibvirtError } from './errors.ts'
import { decodeVirNetMessageError } from './generated/net-message.ts'
import type { XdrReader } from './wire/xdr-reader.ts'

/** The error that a daemon sent instead of a result. */
export const remoteError = (reader: XdrReader, procedure?: string): LibvirtError => {
  const sent = decodeVirNetMessageError(reader)
  return new LibvirtError({ ...sent, message: sent.message ?? `libvirt error ${sent.code}`, procedure })
}
