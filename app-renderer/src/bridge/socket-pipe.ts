import type { MessagePipe } from '@vireo/app-main/contract'

/** A WebSocket as a message pipe. Sending before the stream is open is not needed: after the hello the server speaks first. */
export const socketPipe = (socket: WebSocket): MessagePipe => {
  socket.binaryType = 'arraybuffer'
  return {
    send(data) {
      if (socket.readyState !== WebSocket.OPEN) return
      // The DOM's type excludes shared memory, which no sender here uses.
      socket.send(typeof data === 'string' ? data : (data as Uint8Array<ArrayBuffer>))
    },
    onMessage: listener => socket.addEventListener('message', event => listener(event.data)),
    onClose: listener => socket.addEventListener('close', () => listener()),
    close: () => socket.close(),
  }
}
