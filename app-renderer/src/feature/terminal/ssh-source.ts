import type { DomainId, TerminalEnd, VireoClient } from '@vireo/app-main/contract'
import type { SerialSource } from '../serial/serial-session.ts'
import { TerminalStream } from './terminal-stream.ts'

type Client = { readonly ssh: Pick<VireoClient['ssh'], 'terminal'> }

/** What the contract allows. */
const LEAST = 2
const MOST = 1000
const within = (size: number): number => Math.min(MOST, Math.max(LEAST, size))

/** Terminals in one machine over SSH, one after the other; each has the size of the one on screen. */
export class SshSource implements SerialSource {
  readonly #client: Client
  readonly #id: DomainId
  readonly #opened: () => void
  #columns = 80
  #rows = 24
  #stream: TerminalStream | null = null
  /** How the last one ended; null while none did. */
  end: TerminalEnd | null = null

  /** `opened` is told of every terminal that came about. */
  constructor(client: Client, id: DomainId, opened: () => void = () => undefined) {
    this.#client = client
    this.#id = id
    this.#opened = opened
  }

  async open(): Promise<TerminalStream> {
    this.end = null
    const size = { columns: this.#columns, rows: this.#rows }
    const frames = await this.#client.ssh.terminal({ id: this.#id, ...size })
    const stream = new TerminalStream(frames, end => (this.end = end))
    this.#stream = stream
    this.#opened()
    // It may have changed while ssh connected.
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
