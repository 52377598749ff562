/** A program that the daemon runs on a terminal inside an instance, on WebSockets. */
import { once } from 'node:events'
import type { WebSocket } from 'ws'
import { ByteLine } from './byte-line.ts'
import type { LxdClient } from './client.ts'
import { exitCodeOf, LONGEST_MS, socketsOf, type ExecRequest } from './exec.ts'

export interface TerminalRequest extends ExecRequest {
  /** In characters. */
  readonly columns: number
  readonly rows: number
}

export interface RunningTerminal {
  /** Resolves when the daemon took it. */
  write(bytes: Uint8Array): Promise<void>
  resize(size: { readonly columns: number; readonly rows: number }): void
  pause(): void
  resume(): void
  /** Ends the program, and lets go of it when it does not obey. */
  hangUp(): void
  /** Resolves with its exit code when all output was given, with null when it was cut off. Never rejects. */
  readonly ended: Promise<TerminalExit>
}

export interface TerminalExit {
  readonly exitCode: number | null
}

const HANG_UP = 1
const KILL = 9
/** After a hang-up, how long a program may take to end by itself, and then the daemon to tell of it, in milliseconds. */
const HANG_UP_MS = 2000
/** How long the daemon has to say goodbye, in milliseconds. */
const FAREWELL_MS = 2000
/** How long output may follow after the program has ended, in milliseconds. */
const REST_MS = 2000

/** Starts a program on a terminal. `signal` counts until it runs. */
export const openTerminal = async (
  client: LxdClient,
  instance: string,
  { columns, rows, ...request }: TerminalRequest,
  onOutput: (bytes: Buffer) => void,
  signal?: AbortSignal,
): Promise<RunningTerminal> => {
  const size = { width: columns, height: rows }
  const body = { ...request, ...size, interactive: true, 'wait-for-websocket': true }
  const operation = await client.begin('POST', client.path(['instances', instance, 'exec']), body, signal)
  const [socket, control] = await socketsOf(client, operation, ['0', 'control'])
  if (operation === null || socket === undefined || control === undefined) throw new Error('no operation')
  // Heard from the first byte on: a shell greets at once.
  const line = new ByteLine(socket)
  const told = client.wait(operation, { deadlineMs: LONGEST_MS }).then(exitCodeOf)
  return new Terminal(line, control, told, onOutput)
}

class Terminal implements RunningTerminal {
  readonly ended: Promise<TerminalExit>
  readonly #line: ByteLine
  readonly #control: WebSocket
  #over = false
  #hanging: NodeJS.Timeout | undefined

  constructor(line: ByteLine, control: WebSocket, told: Promise<number>, onOutput: (bytes: Buffer) => void) {
    this.#line = line
    this.#control = control
    // It may end before all output came, and must not outlive it.
    control.on('error', () => undefined)
    line.on('close', () => letGo(control))
    line.on('data', onOutput)
    const shown = once(line, 'close').catch(() => undefined)
    this.ended = this.#follow(told, shown)
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#over || this.#line.writableEnded || this.#line.destroyed) return
    await new Promise<void>(resolve => this.#line.write(Buffer.from(bytes), () => resolve()))
  }

  resize({ columns, rows }: { readonly columns: number; readonly rows: number }): void {
    this.#tell({ command: 'window-resize', args: { width: String(columns), height: String(rows) } })
  }

  pause(): void {
    this.#line.pause()
  }

  resume(): void {
    this.#line.resume()
  }

  hangUp(): void {
    if (this.#over || this.#hanging !== undefined) return
    // Whoever is not read does not end.
    this.resume()
    this.#tell({ command: 'signal', signal: HANG_UP })
    this.#hanging = setTimeout(() => {
      this.#tell({ command: 'signal', signal: KILL })
      this.#hanging = setTimeout(() => this.#line.destroy(), HANG_UP_MS)
    }, HANG_UP_MS)
  }

  async #follow(told: Promise<number>, shown: Promise<unknown>): Promise<TerminalExit> {
    const cut = shown.then(() => null)
    // The line ends with the program; one that breaks before has lost it, unless the daemon still tells how it went.
    const exitCode = await Promise.race([told, cut.then(() => soon(told))]).catch(() => null)
    let all = false
    void shown.then(() => (all = true))
    // A reader who rests still gets the rest.
    do await soon(shown)
    while (!all && this.#line.isPaused())
    this.#over = true
    clearTimeout(this.#hanging)
    this.#line.destroy()
    return { exitCode }
  }

  #tell(command: object): void {
    if (!this.#over && this.#control.readyState === this.#control.OPEN) this.#control.send(JSON.stringify(command))
  }
}

const letGo = (socket: WebSocket): void => {
  socket.close()
  setTimeout(() => socket.terminate(), FAREWELL_MS).unref()
}

/** What is not told soon is not told. */
const soon = <T>(promise: Promise<T>): Promise<T | null> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<null>(resolve => (timer = setTimeout(() => resolve(null), REST_MS)))
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}
