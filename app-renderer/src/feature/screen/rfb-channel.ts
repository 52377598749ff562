import type { RawChannel } from '@novnc/novnc'
import type { ByteStream } from '@vireo/app-main/contract'
import { ByteWriter } from '../console/byte-writer.ts'

/** After a failure noVNC complains about every byte that it holds: it gets no more than this at once. */
const SLICE = 4096

/**
 * A byte stream in the shape in which noVNC takes a WebSocket: flat, all members own properties. A piece is acknowledged
 * when noVNC has taken it, so a server is never further ahead than the stream's window. `onFault` hears what noVNC threw
 * at the bytes: they come from a guest or a stranger, and an exception must not pass for a working screen.
 * Bytes flow from `start` on: noVNC must have taken its place first.
 */
export const rfbChannel = (
  stream: ByteStream,
  onFault: (error: unknown) => void,
): { channel: RawChannel; start: () => void } => {
  const writer = new ByteWriter(stream)
  const channel: RawChannel = {
    binaryType: 'arraybuffer',
    protocol: '',
    readyState: 'open',
    onopen: null,
    onmessage: null,
    onerror: null,
    onclose: null,
    send(bytes) {
      if (channel.readyState !== 'open') return
      if (!writer.write(bytes)) channel.close()
    },
    close() {
      if (channel.readyState === 'closed') return
      channel.readyState = 'closing'
      stream.close()
    },
  }
  const receive = (bytes: Uint8Array, done: () => void): void => {
    try {
      for (let at = 0; at < bytes.length && channel.readyState === 'open'; at += SLICE)
        channel.onmessage?.({ data: bytes.subarray(at, at + SLICE) })
    } catch (error) {
      channel.close()
      onFault(error)
    }
    done()
  }
  void stream.closed.then(error => {
    channel.readyState = 'closed'
    if (error) channel.onerror?.(error)
    channel.onclose?.({})
  })
  return { channel, start: () => stream.onData(receive) }
}
