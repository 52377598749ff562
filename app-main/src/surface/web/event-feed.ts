import type { Dispatcher } from '../../dispatch/dispatcher.ts'

/** What is needed of a WebSocket. */
export interface EventSink {
  readonly bufferedAmount: number
  send(text: string): void
  close(code: number, reason: string): void
  terminate(): void
  on(event: 'message' | 'close', listener: () => void): unknown
}

/** Bytes that may wait for a slow window. One full list of a thousand machines is about half a megabyte. */
const BACKLOG_LIMIT = 8 * 1024 * 1024
/** Close code: too slow. The window reconnects and asks afresh. */
export const TOO_SLOW = 4008
/** How long a slow window has to take the close frame, in milliseconds. */
const FAREWELL_MS = 5000

/** Sends every event to one window; a window that does not keep up is cut off rather than remembered for. */
export const feedEvents = (
  dispatcher: Pick<Dispatcher, 'onEvent'>,
  socket: EventSink,
  backlogLimit: number = BACKLOG_LIMIT,
): void => {
  const subscription = dispatcher.onEvent(event => {
    if (socket.bufferedAmount > backlogLimit) {
      subscription.dispose()
      socket.close(TOO_SLOW, 'too slow')
      setTimeout(() => socket.terminate(), FAREWELL_MS).unref()
      return
    }
    socket.send(JSON.stringify(event))
  })
  // Nothing is expected from a window here.
  socket.on('message', () => socket.close(1008, 'not spoken to'))
  socket.on('close', () => subscription.dispose())
}
