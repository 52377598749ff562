/** A socket that reads into one buffer again and again. */
import net from 'node:net'

export interface ReusingSocket {
  /** Not connected yet. Its `data` never comes; `end`, `error`, `pause` and everything about writing are as ever. */
  readonly socket: net.Socket
  /** Begins to read. The bytes are only good during the call. */
  readonly read: (listener: (bytes: Buffer) => void) => void
}

/** As much as node reads at once by itself. */
const READ_BYTES = 64 * 1024

export const reusingSocket = (): ReusingSocket => {
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES)
  let listener: ((bytes: Buffer) => void) | undefined
  const onread: net.OnReadOpts = {
    buffer,
    callback: length => {
      listener?.(buffer.subarray(0, length))
      return true
    },
  }
  const options: net.SocketConstructorOpts & { onread: net.OnReadOpts } = { onread }
  const socket = new net.Socket(options)
  // Nothing is read before somebody listens.
  socket.pause()
  return {
    socket,
    read: to => {
      listener = to
      socket.resume()
    },
  }
}
