import type { WebSocket } from 'ws'
import type { MessagePipe } from '../../contract/index.ts'

/** A WebSocket as a message pipe. */
export const socketPipe = (socket: WebSocket): MessagePipe => ({
  send(data) {
    if (socket.readyState === socket.OPEN) socket.send(data)
  },
  onMessage(listener) {
    socket.on('message', (data, isBinary) => {
      // With `nodebuffer`, ws gives one Buffer for either kind.
      const bytes = data as Buffer
      listener(isBinary ? bytes : bytes.toString('utf8'))
    })
  },
  onClose: listener => void socket.on('close', () => listener()),
  close: () => socket.close(),
})
