/** Reads a file piece by piece from a way that only gives it whole: where the last piece ended, the next one goes on. */
import type { Asking, FileChunk } from '../guest-agent.ts'
import type { DirectWay } from './direct-way.ts'

interface Open {
  readonly path: string
  readonly iterator: AsyncIterator<Uint8Array>
  readonly end: AbortController
  /** Where the next piece begins. */
  at: number
  rest: Uint8Array
}

/** Files kept open between two pieces. */
const MOST_OPEN = 4

export class DirectReader {
  readonly #way: DirectWay
  #open: Open[] = []

  constructor(way: DirectWay) {
    this.#way = way
  }

  async read(path: string, offset: number, length: number, asking: Asking): Promise<FileChunk> {
    const known = this.#open.find(one => one.path === path && one.at === offset)
    this.#open = this.#open.filter(one => one !== known)
    const file = known ?? (await this.#begin(path))
    const giveUp = (): void => file.end.abort(asking.signal.reason)
    asking.signal.addEventListener('abort', giveUp, { once: true })
    if (asking.signal.aborted) giveUp()
    try {
      if (!known) await skip(file, offset)
      return await this.#piece(file, length)
    } catch (error) {
      file.end.abort()
      throw error
    } finally {
      asking.signal.removeEventListener('abort', giveUp)
    }
  }

  dispose(): void {
    for (const file of this.#open.splice(0)) file.end.abort()
  }

  async #begin(path: string): Promise<Open> {
    const end = new AbortController()
    const content = await this.#way.read(path, { signal: end.signal })
    return { path, end, iterator: content[Symbol.asyncIterator](), at: 0, rest: new Uint8Array() }
  }

  async #piece(file: Open, length: number): Promise<FileChunk> {
    if (file.rest.length === 0 && !(await more(file))) return { bytes: new Uint8Array(), eof: true }
    const bytes = file.rest.subarray(0, length)
    file.rest = file.rest.subarray(length)
    file.at += bytes.length
    this.#open.push(file)
    for (const old of this.#open.splice(0, this.#open.length - MOST_OPEN)) old.end.abort()
    return { bytes, eof: false }
  }
}

/** False at the end. */
const more = async (file: Open): Promise<boolean> => {
  while (file.rest.length === 0) {
    const { done, value } = await file.iterator.next()
    if (done) return false
    file.rest = value
  }
  return true
}

const skip = async (file: Open, offset: number): Promise<void> => {
  while (file.at < offset && (await more(file))) {
    const step = Math.min(offset - file.at, file.rest.length)
    file.rest = file.rest.subarray(step)
    file.at += step
  }
}
