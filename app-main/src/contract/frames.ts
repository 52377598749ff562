/** Frames in a byte stream: one byte of kind, four bytes of length (big-endian) and that many bytes. */
import { RemoteError } from './remote-error.ts'

/** Longer frames are refused: senders split. */
export const MAX_FRAME = 256 * 1024
const HEAD = 5

export const encodeFrame = (kind: number, bytes: Uint8Array = new Uint8Array(0)): Uint8Array => {
  const frame = new Uint8Array(HEAD + bytes.length)
  frame[0] = kind
  new DataView(frame.buffer).setUint32(1, bytes.length)
  frame.set(bytes, HEAD)
  return frame
}

/** Takes bytes as they come, calls `take` for every whole frame. Throws kind `refused` for what is not one; `what` names the stream. */
export const frameReader = <K extends string>(
  kinds: readonly (K | undefined)[],
  what: string,
  take: (kind: K, bytes: Uint8Array) => void,
) => {
  let rest: Uint8Array = new Uint8Array(0)
  return (bytes: Uint8Array): void => {
    const all = new Uint8Array(rest.length + bytes.length)
    all.set(rest)
    all.set(bytes, rest.length)
    let at = 0
    while (all.length - at >= HEAD) {
      const kind = kinds[all[at] ?? 255]
      const length = new DataView(all.buffer, at + 1).getUint32(0)
      if (!kind || length > MAX_FRAME) {
        throw new RemoteError({ kind: 'refused', message: `The ${what} holds a frame that is not one.` })
      }
      if (all.length - at < HEAD + length) break
      take(kind, all.subarray(at + HEAD, at + HEAD + length))
      at += HEAD + length
    }
    rest = all.slice(at)
  }
}
