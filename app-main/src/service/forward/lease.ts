/**
 * Of several Vireo processes one does it, and the others know who and how it goes: whoever listens on a socket of the
 * runtime folder does; the others stay connected, hear its news as lines, and take over when it ends.
 */
import { rm } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { withFileLock } from '../../base/file-lock.ts'
import { createLog } from '../../base/log.ts'

const log = createLog('forward')
const AGAIN_MS = 100
/** When the socket cannot even be made. */
const TROUBLE_MS = 5000
const PATIENCE_MS = 2000
const MOST_LINE = 16 * 1024

export interface LeaseOptions {
  /** The socket; beside it stands the lock for the moment of taking it. */
  readonly path: string
  /** What this process tells the others, one line. */
  readonly news: () => string
  /** This process has it from now on, until `dispose`. */
  readonly onHeld: () => void
  /** Another one has it and said this; null: it has ended. */
  readonly onNews: (line: string | null) => void
}

export class Lease {
  readonly #options: LeaseOptions
  readonly #followers = new Set<Socket>()
  #server: Server | null = null
  #holder: Socket | null = null
  #timer: NodeJS.Timeout | undefined
  #ended = false

  constructor(options: LeaseOptions) {
    this.#options = options
  }

  get held(): boolean {
    return this.#server !== null
  }

  /** Takes it, or follows who has it; again and again until `dispose`. */
  start(): void {
    void this.#take().catch((error: unknown) => {
      log.warn('who forwards cannot be agreed on', { error })
      this.#again(TROUBLE_MS)
    })
  }

  /** Says the news to all who follow. */
  tell(): void {
    const line = `${this.#options.news()}\n`
    for (const follower of this.#followers) {
      // Who does not read hears no more of it; a state is old by the next one anyway.
      if (follower.writableLength > MOST_LINE) follower.destroy()
      else follower.write(line)
    }
  }

  async dispose(): Promise<void> {
    this.#ended = true
    clearTimeout(this.#timer)
    this.#holder?.destroy()
    const server = this.#server
    this.#server = null
    if (server === null) return
    // Closing takes the socket's name away, so it must be ours still: it is, because nobody takes one that is answered.
    const closed = new Promise<void>(resolve => server.close(() => resolve()))
    for (const follower of this.#followers) follower.destroy()
    await closed
  }

  #again(ms: number): void {
    clearTimeout(this.#timer)
    if (this.#ended) return
    this.#timer = setTimeout(() => this.start(), ms)
    this.#timer.unref()
  }

  async #take(): Promise<void> {
    const { path } = this.#options
    const holder = await reach(path)
    if (holder) return this.#follow(holder)
    const other = await withFileLock(`${path}.lock`, async () => {
      if (this.#ended) return null
      const quicker = await reach(path)
      if (quicker) return quicker
      await rm(path, { force: true })
      await this.#hold(path)
      return null
    })
    if (other) this.#follow(other)
  }

  async #hold(path: string): Promise<void> {
    const server = createServer(follower => {
      this.#followers.add(follower)
      follower.on('error', () => undefined)
      follower.once('close', () => this.#followers.delete(follower))
      follower.resume()
      follower.write(`${this.#options.news()}\n`)
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(path, resolve)
    })
    server.on('error', error => log.warn('followers cannot be served', { error }))
    server.unref()
    if (this.#ended) return void server.close()
    this.#server = server
    this.#options.onHeld()
  }

  #follow(holder: Socket): void {
    if (this.#ended) return void holder.destroy()
    this.#holder = holder
    holder.unref()
    onLines(holder, line => this.#options.onNews(line))
    holder.once('close', () => {
      this.#holder = null
      if (this.#ended) return
      this.#options.onNews(null)
      // Not all at once.
      this.#again(Math.random() * AGAIN_MS)
    })
  }
}

/** Bounded: what is longer than anything we say comes from nobody of ours. */
const onLines = (socket: Socket, listener: (line: string) => void): void => {
  let bytes = 0
  socket.on('data', (chunk: Buffer) => {
    bytes = chunk.includes(10) ? chunk.length - chunk.lastIndexOf(10) : bytes + chunk.length
    if (bytes > MOST_LINE) socket.destroy()
  })
  socket.on('error', () => undefined)
  const lines = createInterface({ input: socket, crlfDelay: Infinity })
  lines.on('error', () => undefined)
  lines.on('line', listener)
  socket.once('close', () => lines.close())
}

/** Null where nobody listens. */
const reach = (path: string): Promise<Socket | null> =>
  new Promise((resolve, reject) => {
    const socket = connect(path)
    socket.once('connect', () => resolve(socket))
    socket.once('error', (error: NodeJS.ErrnoException) => {
      socket.destroy()
      if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') resolve(null)
      else reject(error)
    })
  })

/** What the process that has it says now; null where nobody has it. */
export const askHolder = async (path: string): Promise<string | null> => {
  const socket = await reach(path)
  if (socket === null) return null
  try {
    return await new Promise<string | null>(resolve => {
      socket.setTimeout(PATIENCE_MS, () => resolve(null))
      onLines(socket, resolve)
      socket.once('close', () => resolve(null))
    })
  } finally {
    socket.destroy()
  }
}
