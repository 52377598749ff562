/** A machine's serial line on this terminal. */
import type { Duplex } from 'node:stream'
import { RemoteError } from '../../contract/index.ts'
import { rawTerminal } from './raw-terminal.ts'
import { note } from './terminal.ts'

/** Ctrl+] */
const LEAVE = 0x1d
/**
 * After the end of piped input, how long the guest must be silent before we leave, in milliseconds. QEMU looks only once a
 * second whether somebody has opened the line.
 */
const QUIET_MS = 2000

const failureOf = (error: unknown): RemoteError =>
  error instanceof RemoteError
    ? error
    : new RemoteError({
        kind: 'connection',
        trouble: 'lost',
        message: `The serial line was cut off: ${error instanceof Error ? error.message : String(error)}`,
      })

/** Calls back with what was typed, and once when the person wants to leave. */
const typing = (send: (bytes: Buffer) => void, leave: () => void) => (bytes: Buffer) => {
  const at = bytes.indexOf(LEAVE)
  const before = at < 0 ? bytes : bytes.subarray(0, at)
  if (before.length > 0) send(before)
  if (at >= 0) leave()
}

/**
 * Joins terminal (or pipe) and line until the person leaves with Ctrl+], piped input has ended and the guest is silent,
 * or the line ends. The terminal is restored on every way out, a crash included. Rejects when the line broke.
 */
export const attachConsole = async (line: Duplex, name: string): Promise<number> => {
  const { stdin, stdout } = process
  note(`Connected to ${name}. Ctrl+] leaves.`)
  let leave = () => {}
  const send = (bytes: Buffer) => {
    if (!line.write(bytes)) stdin.pause()
  }
  const onInput = typing(send, () => leave())
  const onDrain = () => stdin.resume()
  let quiet: NodeJS.Timeout | undefined
  const onEnd = () => {
    const wait = () => {
      clearTimeout(quiet)
      quiet = setTimeout(() => leave(), QUIET_MS)
    }
    line.on('data', wait)
    wait()
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  let code = 0
  const onSignal = () => {
    code = 130
    leave()
  }
  for (const signal of signals) process.on(signal, onSignal)
  const restore = rawTerminal()
  try {
    stdin.on('data', onInput).on('end', onEnd)
    line.on('drain', onDrain).pipe(stdout, { end: false })
    await new Promise<void>((resolve, reject) => {
      leave = resolve
      line.on('end', resolve).on('close', resolve)
      line.on('error', error => reject(failureOf(error)))
    })
  } finally {
    clearTimeout(quiet)
    restore()
    for (const signal of signals) process.off(signal, onSignal)
    stdin.off('data', onInput).off('end', onEnd).pause()
    line.unpipe(stdout)
    // It may break while it closes; we are gone.
    line.on('error', () => undefined).destroy()
  }
  note(`\nLeft ${name}.`)
  return code
}
