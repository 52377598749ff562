import type { RawData, WebSocket } from 'ws'
import type { MessagePipe } from '../../contract/index.ts'

// With `nodebuffer`, ws gives one Buffer for either kind.
const bytesOf = (data: RawData): Buffer => data as Buffer

export const textOf = (data: RawData): string => bytesOf(data).toString('utf8')

/** A WebSocket as a message pipe. */
export const socketPipe = (socket: WebSocket): MessagePipe => ({
  send(data) {
    if (socket.readyState === socket.OPEN) socket.send(data)
  },
  onMessage(listener) {
    socket.on('message', (data, isBinary) => listener(isBinary ? bytesOf(data) : textOf(data)))
  },
  onClose: listener => void socket.on('close', () => listener()),
  close: () => socket.close(),
})
