/** A program on a terminal of its own, as a person would run it. */
import type { IPty } from '@lydell/node-pty'
import { RemoteError, type TerminalSize } from '../contract/index.ts'

export interface PtyEnd {
  /** Null when a signal ended it. */
  readonly exitCode: number | null
}

export interface Pty {
  write(bytes: Uint8Array): void
  resize(size: TerminalSize): void
  /** A terminal that is not read holds its program back. */
  pause(): void
  resume(): void
  /** Hangs up: the program ends, and `ended` tells. */
  hangUp(): void
  readonly ended: Promise<PtyEnd>
}

/** After a hang-up, how long a program may take to end by itself, in milliseconds. */
const HANG_UP_MS = 2000

const load = async () => {
  try {
    return await import('./node-pty.ts')
  } catch (cause) {
    throw new RemoteError(
      {
        kind: 'unsupported',
        message: 'Terminals need the module node-pty, which is not there for this computer.',
        hint: 'Use a terminal of your own: vireo ssh NAME.',
      },
      { cause },
    )
  }
}

/** Rejects with `unsupported` where there are no terminals, or no such program. */
export const openPty = async (
  [program = '', ...args]: readonly string[],
  size: TerminalSize,
  onOutput: (bytes: Buffer) => void,
): Promise<Pty> => {
  const { spawn } = await load()
  const child: IPty = spawn(program, args, {
    name: 'xterm-256color',
    cols: size.columns,
    rows: size.rows,
    // Bytes as they come: a character may be cut in two.
    encoding: null,
  })
  let over = false
  let timer: NodeJS.Timeout | undefined
  const ended = new Promise<PtyEnd>(resolve =>
    child.onExit(({ exitCode, signal }) => {
      over = true
      clearTimeout(timer)
      resolve({ exitCode: signal ? null : exitCode })
    }),
  )
  child.onData((data: string | Buffer) => onOutput(typeof data === 'string' ? Buffer.from(data) : data))
  const kill = (signal: string) => {
    if (!over) child.kill(signal)
  }
  return {
    ended,
    // Its types know of texts only, which would be sent as UTF-8.
    write: bytes => void (over || Reflect.apply(child.write, child, [Buffer.from(bytes)])),
    resize: ({ columns, rows }) => (over ? undefined : child.resize(columns, rows)),
    pause: () => child.pause(),
    resume: () => child.resume(),
    hangUp() {
      child.resume()
      kill('SIGHUP')
      timer ??= setTimeout(() => kill('SIGKILL'), HANG_UP_MS)
    },
  }
}
