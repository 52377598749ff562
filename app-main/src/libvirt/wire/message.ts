/** The header that precedes every message, as virnetprotocol.x defines it. */
import { VIR_NET_MESSAGE_LEN_MAX, VIR_NET_MESSAGE_MAX } from '../generated/net-message.ts'
import { wordAt } from './word.ts'

/** Bytes of the length word and of the header after it. */
export const LENGTH_BYTES = VIR_NET_MESSAGE_LEN_MAX
export const HEADER_BYTES = 28

/** The length word counts itself, libvirt's maximum does not. A longer frame is garbage. */
export const MAX_FRAME_BYTES = VIR_NET_MESSAGE_MAX + LENGTH_BYTES

export interface Header {
  readonly program: number
  readonly version: number
  readonly procedure: number
  /** `VIR_NET_CALL`, `VIR_NET_REPLY`… */
  readonly type: number
  readonly serial: number
  /** `VIR_NET_OK`, `VIR_NET_ERROR` or `VIR_NET_CONTINUE`. */
  readonly status: number
}

/** Reads the header of a whole frame, whose first word is its length. */
export const readHeader = (frame: Buffer): Header => ({
  program: wordAt(frame, 4) >>> 0,
  version: wordAt(frame, 8) >>> 0,
  procedure: wordAt(frame, 12),
  type: wordAt(frame, 16) >>> 0,
  serial: wordAt(frame, 20) >>> 0,
  status: wordAt(frame, 24) >>> 0,
})

/** Makes a whole frame of a header and its payload. */
export const frameOf = (header: Header, payload: Uint8Array = new Uint8Array(0)): Buffer => {
  const frame = Buffer.allocUnsafe(HEADER_BYTES + payload.length)
  frame.writeUInt32BE(frame.length, 0)
  frame.writeUInt32BE(header.program, 4)
  frame.writeUInt32BE(header.version, 8)
  frame.writeInt32BE(header.procedure, 12)
  frame.writeUInt32BE(header.type, 16)
  frame.writeUInt32BE(header.serial, 20)
  frame.writeUInt32BE(header.status, 24)
  frame.set(payload, HEADER_BYTES)
  return frame
}
