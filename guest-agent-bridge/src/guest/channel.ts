/**
 * The line to the host: a virtio port, or a terminal. A port stays open while nobody is at the other end: it then tells "hang up" at once
 * whenever it is asked, and its driver sends SIGIO when somebody comes. A terminal that hung up is gone and opened anew.
 */
import { LineSplitter } from '../protocol/lines.ts'
import type { Log } from './log.ts'
import type { Loop, Timer, Watch } from './loop.ts'
import { SendQueue, type MessageKind } from './send-queue.ts'
import { failedWith, here, pollEnded, pollIn, pollOut, signals, type PollItem, type Sys } from './sys.ts'

export interface ChannelListener {
  /** Somebody is there. */
  began(): void
  /** One line, only good during the call. */
  line(bytes: Uint8Array): void
  /** A line was longer than allowed; its beginning. */
  tooLong(head: Uint8Array): void
  /** Whoever was there left; nothing that is under way reaches anybody. */
  ended(): void
}

export interface ChannelOptions {
  readonly path: string
  readonly maxMessageBytes: number
  readonly retrySeconds: number
}

const READ_BYTES = 16 * 1024
/** How often a read may follow another before others get their turn. */
const READS = 8
const FIRST_LOOK = 100
const NEWLINE = Uint8Array.of(0x0a)

export class Channel {
  readonly #sys: Sys
  readonly #loop: Loop
  readonly #log: Log
  readonly #options: ChannelOptions
  readonly #listener: ChannelListener
  readonly #queue: SendQueue
  readonly #buffer = new Uint8Array(READ_BYTES)
  #lines: LineSplitter
  #fd = -1
  #watch: Watch | null = null
  #timer: Timer | null = null
  #terminal = false
  #present = false
  /** The former host was left in the middle of a line. */
  #torn = false
  #paused = false
  #complained = false
  #look = FIRST_LOOK

  constructor(sys: Sys, loop: Loop, log: Log, options: ChannelOptions, listener: ChannelListener) {
    this.#sys = sys
    this.#loop = loop
    this.#log = log
    this.#options = options
    this.#listener = listener
    const { maxMessageBytes } = options
    this.#queue = new SendQueue({
      outputBytes: Math.min(maxMessageBytes, 512 * 1024),
      telemetryBytes: 16 * 1024,
      pauseBytes: 2 * maxMessageBytes,
    })
    this.#lines = this.#newLines()
    loop.onSignal(signals.SIGIO, () => {
      if (this.#fd >= 0 && !this.#present) this.#lookAgain()
    })
  }

  get present(): boolean {
    return this.#present
  }

  /** Opens the device, now or as soon as it is there. */
  open(): void {
    this.#timer = null
    const { readWrite, nonBlock, noCtty } = this.#sys.open
    try {
      this.#fd = this.#sys.openAt(here, this.#options.path, readWrite | nonBlock | noCtty)
    } catch (error) {
      this.#complain(error)
      this.#timer = this.#loop.after(this.#options.retrySeconds * 1000, () => {
        this.open()
      })
      return
    }
    this.#complained = false
    this.#terminal = this.#sys.makeRaw(this.#fd)
    this.#log.info('channel opened', { device: this.#options.path })
    this.#watch = this.#loop.watch(this.#fd, 0, revents => {
      this.#ready(revents)
    })
    this.#lookAgain()
  }

  /** Puts a line on its way; false when it was dropped because there is no room, or nobody there. */
  send(line: Uint8Array, kind: MessageKind): boolean {
    if (!this.#present || !this.#queue.add(line, kind)) return false
    this.#flush()
    return true
  }

  /** Resolves when output may go on, also when nobody wants it any more. */
  async room(): Promise<void> {
    return this.#queue.room()
  }

  /** While true, no more requests are taken from the device. */
  pause(paused: boolean): void {
    this.#paused = paused
    this.#want()
  }

  /** Closes and opens again, as after a failure. */
  reopen(): void {
    this.#timer?.cancel()
    this.#watch?.stop()
    this.#watch = null
    if (this.#fd >= 0) this.#sys.close(this.#fd)
    this.#fd = -1
    this.#left()
    this.#timer = this.#loop.after(FIRST_LOOK, () => {
      this.open()
    })
  }

  #complain(error: unknown): void {
    if (this.#complained) return
    this.#complained = true
    this.#log.warn('the channel cannot be opened, waiting for it', {
      device: this.#options.path,
      reason: String(error),
    })
  }

  #newLines(): LineSplitter {
    return new LineSplitter(this.#options.maxMessageBytes, {
      line: bytes => {
        if (bytes.length > 0) this.#listener.line(bytes)
      },
      overflow: head => {
        this.#listener.tooLong(head)
      },
    })
  }

  /** Is somebody there by now? */
  #lookAgain(): void {
    this.#timer?.cancel()
    this.#timer = null
    if (!this.#terminal) this.#sys.notifyBySignal(this.#fd, true)
    const item: PollItem = { fd: this.#fd, events: pollIn, revents: 0 }
    this.#sys.poll([item], 0)
    // An empty port without a host calls itself readable as well.
    if ((item.revents & pollEnded) === 0) return this.#came()
    if (this.#terminal || this.#unplugged()) return this.reopen()
    this.#look = Math.min(2 * this.#look, this.#options.retrySeconds * 1000)
    this.#timer = this.#loop.after(this.#look, () => {
      this.#lookAgain()
    })
  }

  /** A port that was taken out of the machine hangs up as well, for ever. Reading nothing tells, and takes no byte of a host that comes just now. */
  #unplugged(): boolean {
    try {
      this.#sys.read(this.#fd, this.#buffer.subarray(0, 0))
      return false
    } catch (error) {
      return !failedWith(error, 'EAGAIN')
    }
  }

  #came(): void {
    if (!this.#terminal) this.#sys.notifyBySignal(this.#fd, false)
    this.#look = FIRST_LOOK
    this.#present = true
    // Ends what the one before left unfinished: otherwise the first answer would be taken for its rest.
    if (this.#torn) this.#queue.add(NEWLINE, 'answer')
    this.#torn = false
    this.#log.debug('the host is there')
    this.#want()
    this.#listener.began()
    this.#flush()
  }

  #left(): void {
    if (!this.#present) return
    this.#present = false
    this.#torn = this.#queue.inMessage
    this.#queue.clear()
    this.#lines = this.#newLines()
    this.#log.debug('the host left')
    this.#listener.ended()
  }

  #want(): void {
    if (!this.#present) return
    const reading = this.#paused || this.#queue.full ? 0 : pollIn
    this.#watch?.want(reading | (this.#queue.bytes > 0 ? pollOut : 0))
  }

  #ready(revents: number): void {
    if ((revents & pollOut) !== 0) this.#flush()
    if ((revents & (pollIn | pollEnded)) !== 0) this.#read((revents & pollEnded) !== 0)
  }

  #read(ended: boolean): void {
    for (let turn = 0; turn < READS && this.#present && !this.#queue.full; turn++) {
      const count = this.#take()
      if (count === null) return
      // A port gives nothing while its host is away, a terminal that is closed.
      if (count === 0) return ended ? this.#away() : undefined
      this.#lines.push(this.#buffer.subarray(0, count))
    }
    if (ended && this.#queue.full) this.#away()
    this.#want()
  }

  /** Bytes read, 0 when there is nobody, null when there is nothing now or the device is gone. */
  #take(): number | null {
    try {
      return this.#sys.read(this.#fd, this.#buffer)
    } catch (error) {
      if (failedWith(error, 'EAGAIN', 'EINTR')) return null
      if (!this.#terminal) this.#log.warn('the channel failed', { reason: String(error) })
      this.reopen()
      return null
    }
  }

  #away(): void {
    if (this.#terminal) return this.reopen()
    this.#watch?.want(0)
    this.#left()
    this.#lookAgain()
  }

  #flush(): void {
    if (!this.#present) return
    try {
      this.#queue.flush(bytes => this.#write(bytes))
    } catch (error) {
      this.#log.warn('the channel failed', { reason: String(error) })
      return this.reopen()
    }
    this.#want()
  }

  #write(bytes: Uint8Array): number {
    try {
      return this.#sys.write(this.#fd, bytes)
    } catch (error) {
      if (failedWith(error, 'EAGAIN', 'EINTR')) return 0
      throw error
    }
  }
}
