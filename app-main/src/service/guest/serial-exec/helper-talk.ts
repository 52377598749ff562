/** Questions to the helper in the guest, and their answers out of whatever else is written on the line. */
import { createHash, randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { RemoteError } from '../../../contract/index.ts'
import type { ConsoleLine } from './console-line.ts'
import { helperLine, knock, lineFor, SUM_LENGTH } from './guest-helper.ts'

/** How long one attempt waits, in milliseconds: noise on the line may have eaten the question or its answer. */
const ATTEMPTS_MS = [3000, 10_000, 20_000] as const
const KNOCK_MS = 10_000
/** The helper gives up one to two of these after the last line, in seconds. */
const WATCH_SECONDS = 30
const LEAVE_MS = 4000
/** Bytes asked for at once; fewer after an answer that was damaged. */
const MOST_BYTES = 12 * 1024
const FEWEST_BYTES = 192
/** So many damaged answers to one question are no accident. */
const MOST_DAMAGED = 24

/** What the kernel says may stand in the midst of an answer: the checksum tells whether taking it out was right. */
const KERNEL = /\[ *\d+\.\d{6}\] [^\n]*\n/g

export interface HelperFacts {
  readonly codec: 'base64' | 'octal'
  readonly root: boolean
  readonly user: string
}

interface Answer {
  /** The bytes' checksum as the guest told it. */
  readonly sum: string
  readonly words: string
  /** Lines between the answer's beginning and its end. */
  readonly body: readonly string[]
}

export interface StartOptions {
  /** The shell is replaced, so that leaving logs out. */
  readonly ours: boolean
  /** How long a shell may take to answer, in milliseconds. */
  readonly knockMs?: number | undefined
  readonly watchSeconds?: number | undefined
}

export class HelperTalk {
  readonly #line: ConsoleLine
  readonly #token: string
  #number = 0
  /** From where on nothing was looked at. */
  #from: number
  #facts: HelperFacts = { codec: 'base64', root: false, user: '' }
  #left = false

  private constructor(line: ConsoleLine, token: string) {
    this.#line = line
    this.#token = token
    this.#from = line.mark
  }

  /**
   * Puts the helper behind a shell's prompt. Rejects with `unsupported` when what looked like a shell is none.
   */
  static async start(
    line: ConsoleLine,
    { ours, knockMs = KNOCK_MS, watchSeconds = WATCH_SECONDS }: StartOptions,
    signal: AbortSignal,
  ): Promise<HelperTalk> {
    const word = [randomWord(), randomWord()] as const
    const talk = new HelperTalk(line, `V${randomWord()}`)
    const mark = line.mark
    await talk.#knock(word, ours, knockMs, signal)
    try {
      await line.type(`${helperLine(talk.#token, watchSeconds)}\n`)
      const ready = await line.find(() => said(line.since(mark), `${talk.#token}:0:R:.`), knockMs, signal)
      if (ready === undefined) throw noShell()
      await talk.#introduce(signal)
      return talk
    } catch (error) {
      await talk.leave()
      throw error
    }
  }

  async #knock(word: readonly [string, string], ours: boolean, ms: number, signal: AbortSignal): Promise<void> {
    const mark = this.#line.mark
    try {
      await this.#line.type(`\u0015${knock(word, { leave: ours })}\r`)
      const heard = await this.#line.find(() => said(this.#line.since(mark), word.join('')), ms, signal)
      if (heard === undefined) throw noShell()
    } catch (error) {
      // Whatever may still come of it is not waited for.
      await this.#line.type('\u0003').catch(() => undefined)
      throw error
    }
  }

  get facts(): HelperFacts {
    return this.#facts
  }

  /** Asks until there is a whole answer. The question must bear being asked twice. */
  async ask(words: string, signal: AbortSignal): Promise<Answer> {
    for (const ms of ATTEMPTS_MS) {
      const answer = await this.#attempt(words, ms, signal)
      if (answer !== undefined && answer.words !== 'bad') return answer
    }
    throw new RemoteError({ kind: 'timeout', message: 'The shell on the serial line stopped answering.' })
  }

  /** Writes a file in the helper's folder, in pieces no longer than a line of the terminal. */
  async write(name: string, bytes: Buffer, signal: AbortSignal): Promise<void> {
    const piece = this.#facts.codec === 'base64' ? 2250 : 850
    for (let tries = 0; tries < 3; tries++) {
      for (let at = 0, number = 0; at === 0 || at < bytes.length; at += piece, number++) {
        const part = `${name}.${String(number).padStart(6, '0')}`
        const { words } = await this.ask(`u ${part} '${this.#encode(bytes.subarray(at, at + piece))}'`, signal)
        if (words !== '0') throw new RemoteError({ kind: 'refused', message: 'The guest has no room for the command.' })
      }
      const { sum } = await this.ask(`a ${name}`, signal)
      if (sum === sumOf(bytes)) return
    }
    throw noise()
  }

  /** A piece of a file in the helper's folder, whole, however noisy the line. */
  async read(name: string, offset: number, length: number, signal: AbortSignal): Promise<Buffer> {
    const parts: Buffer[] = []
    let [at, step] = [offset, MOST_BYTES]
    for (let damaged = 0; at < offset + length;) {
      const size = Math.min(step, offset + length - at)
      const { sum, body } = await this.ask(`r ${name} ${at} ${size}`, signal)
      const bytes = this.#decode(body)
      if (bytes.length === size && sumOf(bytes) === sum) {
        parts.push(bytes)
        at += size
        step = Math.min(MOST_BYTES, step * 2)
        continue
      }
      if (++damaged > MOST_DAMAGED) throw noise()
      step = Math.max(FEWEST_BYTES, Math.floor(step / 4))
    }
    return Buffer.concat(parts)
  }

  /** Ends the helper, what it runs and, where that is ours, the login. The terminal is as it was. Never rejects. */
  async leave(): Promise<void> {
    if (this.#left) return
    this.#left = true
    const { signal } = new AbortController()
    const mark = this.#line.mark
    const gone = () => said(this.#line.since(mark), `${this.#token}:0:X:.`)
    try {
      await this.#line.type(lineFor(this.#token, ++this.#number, 'q'))
      if ((await this.#line.find(gone, LEAVE_MS, signal)) !== undefined) return
      // Whoever does not read lines may still hear a signal.
      await this.#line.type('\u0003')
      await this.#line.find(gone, LEAVE_MS / 2, signal)
    } catch {
      // The line is gone, and the helper notices that by itself.
    }
  }

  async #introduce(signal: AbortSignal): Promise<void> {
    const { words } = await this.ask('i', signal)
    const [folder, codec, uid, user = ''] = words.split(' ')
    if (!folder?.startsWith('/') || (codec !== 'base64' && codec !== 'octal'))
      throw new RemoteError({
        kind: 'unsupported',
        message: folder?.startsWith('/')
          ? 'The guest has no sha256sum.'
          : 'The guest has no place for temporary files.',
      })
    this.#facts = { codec, root: uid === '0', user }
  }

  async #attempt(words: string, ms: number, signal: AbortSignal): Promise<Answer | undefined> {
    const number = ++this.#number
    await this.#line.type(lineFor(this.#token, number, words))
    const answer = await this.#line.find(() => this.#answer(this.#line.since(this.#from), number), ms, signal)
    // Noise that comes in one go is over soon.
    if (answer === undefined) await sleep(50)
    else this.#from = this.#line.mark
    return answer
  }

  #answer(text: string, number: number): Answer | undefined {
    // Most of what arrives is no end of anything.
    if (!text.includes(':.')) return undefined
    const clean = text.replaceAll('\r', '').replace(KERNEL, '')
    if (clean.includes(`${this.#token}:0:X:.\n`)) {
      // Nobody is there any more who would understand us.
      this.#left = true
      throw interrupted()
    }
    const end = new RegExp(`${this.#token}:${number}:E:([0-9a-f]{1,16}):([^\\n:]*):\\.\\n`).exec(clean)
    if (!end) return undefined
    const begin = `${this.#token}:${number}:B\n`
    const from = clean.lastIndexOf(begin, end.index)
    const body = from < 0 ? [] : clean.slice(from + begin.length, end.index).split('\n')
    return { sum: end[1] ?? '', words: end[2] ?? '', body }
  }

  #encode(bytes: Buffer): string {
    if (this.#facts.codec === 'base64') return bytes.toString('base64')
    return Array.from(bytes, byte => `\\${byte.toString(8).padStart(3, '0')}`).join('')
  }

  #decode(body: readonly string[]): Buffer {
    if (this.#facts.codec === 'base64')
      return Buffer.from(body.filter(line => /^[A-Za-z0-9+/]+={0,2}$/.test(line)).join(''), 'base64')
    const lines = body.filter(line => /^(?: *[0-3][0-7]{2})+ *$/.test(line))
    return Buffer.from(
      lines.flatMap(line =>
        line
          .trim()
          .split(/ +/)
          .map(byte => Number.parseInt(byte, 8)),
      ),
    )
  }
}

const sumOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex').slice(0, SUM_LENGTH)

const randomWord = (): string => randomBytes(9).toString('base64url').replaceAll(/[-_]/g, 'x')

const said = (text: string, word: string): true | undefined => (text.includes(word) ? true : undefined)

const noShell = (): RemoteError =>
  new RemoteError({
    kind: 'unsupported',
    message: 'What waits on the serial line looks like a shell but does not answer as one.',
    hint: 'Look at the Serial tab. A POSIX shell (sh, with stty) is needed.',
  })

const noise = (): RemoteError =>
  new RemoteError({
    kind: 'refused',
    message: 'What else is written on the serial line damages the output again and again.',
    hint: 'Keep the kernel quiet there (dmesg -n 1), or take another way in.',
  })

const interrupted = (): RemoteError =>
  new RemoteError({ kind: 'cancelled', message: 'The command was stopped on the serial line itself.' })
