/** A line that another Vireo process of this user holds. */
import { connect, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { RemoteError } from '../../contract/index.ts'
import { decodeError, encodeFrame, FRAME, FrameDecoder, MAX_FRAME } from './frames.ts'

/** The holder went away without an end: it died or quit, and the line may be free now. */
export class HolderGone extends Error {
  /** What was being written and has certainly not reached the line. Nobody knows when the holder died: then nothing. */
  readonly untaken: Buffer

  constructor(untaken: Buffer) {
    super('the process that held the line is gone')
    this.name = 'HolderGone'
    this.untaken = untaken
  }
}

/** How long a holder may take to say hello, in milliseconds. */
const HELLO_MS = 1500

/**
 * Joins the line behind `path`. Null when nobody listens there (any more). Rejects with `timeout` when somebody accepts and says
 * nothing. The stream fails with `HolderGone` when its holder leaves.
 */
export const joinSocket = async (path: string): Promise<Duplex | null> => {
  const socket = await reach(path)
  if (socket === null) return null
  const guest = new Guest(socket)
  try {
    await guest.hello
  } catch (error) {
    if (error instanceof HolderGone) return null
    throw error
  }
  return guest
}

const reach = (path: string): Promise<Socket | null> =>
  new Promise((resolve, reject) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.removeAllListeners('error')
      resolve(socket)
    })
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') resolve(null)
      else reject(error)
    })
  })

type Done = (error?: Error | null) => void
const NOTHING: Buffer = Buffer.alloc(0)

class Guest extends Duplex {
  readonly hello: Promise<void>
  readonly #socket: Socket
  readonly #decoder = new FrameDecoder()
  #greeted: () => void = () => undefined
  #over = false
  #leaving = false
  /** What is under way to the line; one write at a time. */
  #untaken = NOTHING
  #taken: Done | undefined

  constructor(socket: Socket) {
    super({ allowHalfOpen: false })
    this.#socket = socket
    this.hello = new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.destroy(silent()), HELLO_MS)
      // A failure before the greeting is told by `hello`.
      const failed = (error: Error) => {
        clearTimeout(timer)
        reject(error)
      }
      this.once('error', failed)
      this.#greeted = () => {
        clearTimeout(timer)
        this.off('error', failed)
        resolve()
      }
    })
    socket.on('data', bytes => this.#receive(bytes))
    socket.on('error', () => this.#lost())
    socket.on('close', () => this.#lost())
  }

  override _read(): void {
    this.#socket.resume()
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#untaken = bytes
    this.#taken = done
    for (let at = 0; at < bytes.length; at += MAX_FRAME)
      this.#socket.write(encodeFrame(FRAME.data, bytes.subarray(at, at + MAX_FRAME)))
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#over = true
    this.#socket.destroy()
    done(error)
  }

  #receive(bytes: Buffer): void {
    try {
      for (const { type, payload } of this.#decoder.push(bytes)) {
        if (type === FRAME.hello) this.#greeted()
        else if (type === FRAME.data && !this.push(payload)) this.#socket.pause()
        else if (type === FRAME.taken) this.#advance(payload)
        else if (type === FRAME.leaving) this.#leaving = true
        else if (type === FRAME.end) this.#end()
        else if (type === FRAME.error) this.destroy(new RemoteError(decodeError(payload)))
      }
    } catch (error) {
      this.destroy(error instanceof Error ? error : new Error(String(error)))
    }
  }

  #advance(payload: Buffer): void {
    this.#untaken = this.#untaken.subarray(payload.readUInt32BE(0))
    if (this.#untaken.length === 0) this.#answer()
  }

  #answer(error?: Error): void {
    const done = this.#taken
    this.#taken = undefined
    done?.(error)
  }

  #end(): void {
    this.#over = true
    this.push(null)
  }

  #lost(): void {
    if (this.#over) return
    const gone = new HolderGone(this.#leaving ? this.#untaken : NOTHING)
    this.destroy(gone)
    this.#answer(gone)
  }
}

const silent = (): RemoteError =>
  new RemoteError({ kind: 'timeout', message: 'The Vireo process that holds the console does not answer.' })
