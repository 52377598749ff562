/** The guest's end of a channel, for tests: says and hears what the test wants. */
import { duplexPair, type Duplex } from 'node:stream'

export interface Heard {
  readonly id: string
  readonly method: string
  readonly params: unknown
}

export class ScriptedAgent {
  /** The host's end. */
  readonly host: Duplex
  readonly guest: Duplex
  readonly heard: Heard[] = []
  #rest = ''
  #waiting: (() => void)[] = []
  #answer: ((request: Heard) => void) | undefined

  constructor() {
    const [host, guest] = duplexPair()
    this.host = host
    this.guest = guest
    guest.on('error', () => undefined)
    guest.on('data', (bytes: Buffer) => this.#read(bytes.toString('utf8')))
  }

  /** Answers everything from now on. */
  onRequest(answer: (request: Heard) => void): void {
    this.#answer = answer
  }

  /** The next request that was not taken yet. */
  async next(): Promise<Heard> {
    for (;;) {
      const first = this.heard.shift()
      if (first) return first
      await new Promise<void>(resolve => this.#waiting.push(resolve))
    }
  }

  raw(bytes: string | Uint8Array): void {
    this.guest.write(bytes)
  }

  say(message: object): void {
    this.raw(`${JSON.stringify(message)}\n`)
  }

  result(id: string, result: unknown): void {
    this.say({ jsonrpc: '2.0', id, result })
  }

  error(id: string, code: number, message: string, data?: unknown): void {
    this.say({ jsonrpc: '2.0', id, error: { code, message, data } })
  }

  notice(method: string, params: unknown): void {
    this.say({ jsonrpc: '2.0', method, params })
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) if (line !== '') this.#hear(line)
  }

  #hear(line: string): void {
    const { id, method, params } = JSON.parse(line) as Heard
    const request = { id, method, params }
    if (this.#answer) this.#answer(request)
    else this.heard.push(request)
    for (const wake of this.#waiting.splice(0)) wake()
  }
}

/** Lets everything that is under way between the two ends arrive. */
export const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn++) await new Promise(resolve => setImmediate(resolve))
}
