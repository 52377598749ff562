import type { MessagePortMain } from 'electron'
import type { MessagePipe } from '../../contract/index.ts'

/** The bytes in a buffer of their own: a structured clone of a view carries the whole buffer behind it. */
const alone = (bytes: Uint8Array): Uint8Array =>
  bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes)

/** A MessagePort of the main process as a message pipe. */
export const portPipe = (port: Pick<MessagePortMain, 'on' | 'start' | 'close' | 'postMessage'>): MessagePipe => {
  let open = true
  port.on('close', () => (open = false))
  return {
    send(data) {
      if (open) port.postMessage(typeof data === 'string' ? data : alone(data))
    },
    onMessage(listener) {
      port.on('message', event => listener(event.data))
      port.start()
    },
    onClose: listener => void port.on('close', listener),
    close() {
      if (!open) return
      open = false
      port.close()
    },
  }
}
