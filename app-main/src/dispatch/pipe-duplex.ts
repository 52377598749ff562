import type { Duplex } from 'node:stream'
import type { AppError, BytePipe } from '../contract/index.ts'
import { RemoteError } from '../contract/index.ts'

/** How long a stream may take to swallow the last bytes of a client that left, in milliseconds. */
const FAREWELL_MS = 2000

const failure = (error: unknown): AppError =>
  error instanceof RemoteError
    ? error.detail
    : { kind: 'internal', message: error instanceof Error ? error.message : 'The stream failed.' }

/** Gives up a stream that nobody takes any more; one that tells so as an error would end the process. */
export const giveUp = (duplex: Duplex): void => {
  duplex.on('error', () => undefined)
  duplex.destroy()
}

/** Reads on when the client has consumed enough; a closed pipe lets the stream go by itself. */
const send = (pipe: BytePipe, duplex: Duplex, bytes: Uint8Array): Promise<void> =>
  pipe.write(bytes).then(
    () => void (duplex.destroyed || duplex.resume()),
    () => {},
  )

/**
 * Joins a server's stream to its client: the stream is read only as fast as the client consumes, the client may send only
 * as fast as the stream takes. Either end ends the other; a stream's error reaches the client as an `AppError`.
 */
export const joinDuplex = (pipe: BytePipe, duplex: Duplex): void => {
  // The last bytes read, for which there may be no credit yet; the end has to wait for them.
  let sending = Promise.resolve()
  duplex.on('data', (bytes: Uint8Array) => {
    // At once: a stream that has more would go on in this very turn.
    duplex.pause()
    sending = send(pipe, duplex, bytes)
  })
  duplex.on('end', () => void sending.then(() => pipe.end()))
  duplex.on('error', error => pipe.end(failure(error)))
  duplex.on('close', () => {
    if (duplex.readableEnded) return
    pipe.end({ kind: 'connection', trouble: 'lost', message: 'The stream was cut off.' })
  })

  pipe.onData((bytes, done) => {
    if (!duplex.writable) return done()
    duplex.write(bytes, error => {
      if (!error) done()
    })
  })
  void pipe.closed.then(error => {
    if (error || !duplex.writable) return duplex.destroy()
    const timer = setTimeout(() => duplex.destroy(), FAREWELL_MS)
    duplex.once('close', () => clearTimeout(timer))
    duplex.end(() => duplex.destroy())
    duplex.resume()
    return undefined
  })
  pipe.open()
}
