/** A real program on a real terminal, as a guest's serial line would be. Python opens the terminal: there is no package for it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Duplex } from 'node:stream'
import { fileURLToPath } from 'node:url'

export interface PtyProgram extends AsyncDisposable {
  readonly line: Duplex
  /** Everything that was written so far. */
  text(): string
}

const bridge = fileURLToPath(new URL('./pty-program.py', import.meta.url))

/** @param change may put noise among what the program writes */
export const ptyProgram = (
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
  change: (bytes: Buffer) => Buffer = bytes => bytes,
): PtyProgram => {
  const base = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', HOME: '/tmp', TERM: 'vt220', LC_ALL: 'C.UTF-8' }
  const child = spawn('/usr/bin/python3', [bridge, ...argv], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...base, ...env },
  })
  const ended = once(child, 'exit')
  child.stdin.on('error', () => undefined)
  let text = ''
  const line = new Duplex({
    read: () => void child.stdout.resume(),
    write: (bytes: Buffer, _encoding, done) => void child.stdin.write(bytes, () => done()),
    destroy(error, done) {
      child.stdin.end()
      done(error)
    },
  })
  child.stdout.on('data', (bytes: Buffer) => {
    const shown = change(bytes)
    text += shown.toString('latin1')
    if (!line.push(shown)) child.stdout.pause()
  })
  child.stdout.on('end', () => line.push(null))
  line.on('error', () => undefined)
  return {
    line,
    text: () => text,
    async [Symbol.asyncDispose]() {
      line.destroy()
      await ended
    },
  }
}
