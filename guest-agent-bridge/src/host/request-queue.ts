/** Requests on their way to the guest: as many as it may have at once, the rest in order, bounded. */
import type { Duplex } from 'node:stream'
import { RemoteError } from '@vireo/app-main/contract'

export interface Waiting {
  /** The whole line. */
  readonly line: Buffer
  /** Called when it leaves the queue. */
  readonly sent: () => void
  /** Called with an error when it cannot even wait. */
  readonly settle: (error: Error) => void
}

interface QueueOptions {
  readonly stream: Duplex
  readonly concurrency: number
  readonly maxQueuedBytes: number
}

export class RequestQueue<T extends Waiting> {
  readonly #options: QueueOptions
  readonly #waiting = new Set<T>()
  readonly #underWay = new Set<T>()
  #queuedBytes = 0
  #blocked = false

  constructor(options: QueueOptions) {
    this.#options = options
    options.stream.on('drain', () => {
      this.#blocked = false
      this.#pump()
    })
  }

  add(request: T): void {
    if (this.#queuedBytes + request.line.length > this.#options.maxQueuedBytes) return request.settle(overfull())
    this.#waiting.add(request)
    this.#queuedBytes += request.line.length
    this.#pump()
  }

  /** Small and rare: goes out at once, before what waits. */
  addNotice(line: Buffer): void {
    if (this.#options.stream.destroyed) return
    this.#blocked = !this.#options.stream.write(line) || this.#blocked
  }

  /** It was answered or given up; one that was not sent never will be. */
  done(request: T): void {
    if (this.#waiting.delete(request)) this.#queuedBytes -= request.line.length
    if (this.#underWay.delete(request)) this.#pump()
  }

  #pump(): void {
    const { stream, concurrency } = this.#options
    for (const request of this.#waiting) {
      if (this.#blocked || stream.destroyed || this.#underWay.size >= concurrency) return
      this.#waiting.delete(request)
      this.#queuedBytes -= request.line.length
      this.#underWay.add(request)
      // One write a line: whoever shares the channel passes it on in one piece.
      this.#blocked = !stream.write(request.line)
      request.sent()
    }
  }
}

const overfull = (): RemoteError =>
  new RemoteError({
    kind: 'busy',
    message: 'Too many requests wait for the guest agent already.',
    holder: 'other requests',
    hint: 'Try again when they are done.',
  })
