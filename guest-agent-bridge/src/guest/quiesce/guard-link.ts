/** The agent's end of the line to its guard. */
import * as v from 'valibot'
import { LineSplitter } from '../../protocol/lines.ts'
import { writeAll } from '../files.ts'
import type { Loop, Watch } from '../loop.ts'
import { failedWith, pollIn, type Sys } from '../sys.ts'
import { GuardEvent, type GuardJob } from './guard-message.ts'

const MAX_EVENT_BYTES = 256 * 1024

export interface GuardListener {
  event(event: GuardEvent): void
  /** Its last word: the guard is gone. */
  end(): void
}

export class GuardLink {
  readonly #sys: Sys
  readonly #listener: GuardListener
  readonly #watch: Watch
  readonly #input: number
  readonly #output: number
  readonly #lines: LineSplitter
  #ended = false

  /** Throws `SysError` when the guard cannot be started. */
  constructor(sys: Sys, loop: Loop, job: GuardJob, listener: GuardListener) {
    this.#sys = sys
    this.#listener = listener
    this.#lines = new LineSplitter(MAX_EVENT_BYTES, { line: bytes => this.#line(bytes) })
    const [theirInput, input] = sys.pipe()
    const [output, theirOutput] = sys.pipe()
    this.#input = input
    this.#output = output
    try {
      const args = ['vireo-agent', '--quiesce-guard']
      sys.spawn({
        path: '/proc/self/exe',
        args,
        env: ['PATH=/usr/sbin:/usr/bin:/sbin:/bin'],
        stdio: [theirInput, theirOutput, -1],
      })
      writeAll(sys, input, sys.encode(`${JSON.stringify(job)}\n`))
    } catch (error) {
      for (const fd of [input, output]) sys.close(fd)
      throw error
    } finally {
      for (const fd of [theirInput, theirOutput]) sys.close(fd)
    }
    this.#watch = loop.watch(output, pollIn, () => this.#read())
  }

  thaw(): void {
    try {
      this.#sys.write(this.#input, this.#sys.encode('thaw\n'))
    } catch (error) {
      // It is thawing by itself at this moment.
      if (!failedWith(error, 'EPIPE')) throw error
    }
  }

  #read(): void {
    const buffer = new Uint8Array(8192)
    let count = 0
    try {
      count = this.#sys.read(this.#output, buffer)
    } catch (error) {
      if (failedWith(error, 'EAGAIN')) return
      throw error
    }
    if (count > 0) return this.#lines.push(buffer.subarray(0, count))
    this.#close()
    this.#listener.end()
  }

  #line(bytes: Uint8Array): void {
    const event = v.parse(GuardEvent, JSON.parse(this.#sys.decode(bytes)))
    this.#listener.event(event)
  }

  #close(): void {
    if (this.#ended) return
    this.#ended = true
    this.#watch.stop()
    this.#sys.close(this.#input)
    this.#sys.close(this.#output)
  }
}
