import type { ByteStream, DomainId, TerminalEnd } from '@vireo/app-main/contract'
import type { SerialSource } from '../serial/serial-session.ts'
import { TerminalStream } from './terminal-stream.ts'

/** Opens one terminal, over SSH or by the hypervisor itself. */
type OpenTerminal = (input: { id: DomainId; columns: number; rows: number }) => Promise<ByteStream>

/** What the contract allows. */
const LEAST = 2
const MOST = 1000
const within = (size: number): number => Math.min(MOST, Math.max(LEAST, size))

/** Terminals in one machine, one after the other; each has the size of the one on screen. */
export class TerminalSource implements SerialSource {
  readonly #open: OpenTerminal
  readonly #id: DomainId
  readonly #opened: () => void
  #columns = 80
  #rows = 24
  #stream: TerminalStream | null = null
  /** How the last one ended; null while none did. */
  end: TerminalEnd | null = null

  /** `opened` is told of every terminal that came about. */
  constructor(open: OpenTerminal, id: DomainId, opened: () => void = () => undefined) {
    this.#open = open
    this.#id = id
    this.#opened = opened
  }

  async open(): Promise<TerminalStream> {
    this.end = null
    const size = { columns: this.#columns, rows: this.#rows }
    const frames = await this.#open({ id: this.#id, ...size })
    const stream = new TerminalStream(frames, end => (this.end = end))
    this.#stream = stream
    this.#opened()
    // It may have changed meanwhile.
    if (size.columns !== this.#columns || size.rows !== this.#rows) stream.resize(this.#columns, this.#rows)
    void stream.closed.then(() => {
      if (this.#stream === stream) this.#stream = null
    })
    return stream
  }

  resized(columns: number, rows: number): void {
    this.#columns = within(columns)
    this.#rows = within(rows)
    this.#stream?.resize(this.#columns, this.#rows)
  }

  stays(error: { readonly kind: string }): boolean {
    return error.kind === 'cancelled'
  }
}
