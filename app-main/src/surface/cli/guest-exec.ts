/** `vireo exec`: a command in a machine, as if it ran here. */
import { once } from 'node:events'
import { constants } from 'node:os'
import type { Duplex, Writable } from 'node:stream'
import {
  encodeExecFrame,
  execFrameReader,
  ExecResult,
  MAX_EXEC_FRAME,
  RemoteError,
  type ExecFrameKind,
} from '../../contract/index.ts'
import { EXIT_CODES } from './exit-code.ts'
import { loginOf } from './guest-password.ts'
import { numberOption } from './own-commands.ts'
import type { Parts } from './parts.ts'
import { terminalText } from './terminal-text.ts'
import { note, print } from './terminal.ts'
import { json } from './text.ts'
import { withMachine } from './with-machine.ts'

const DAY = 86_400
const TIMED_OUT = 124
/** The most that the contract allows: whoever pipes an archive wants all of it. */
const MAX_OUTPUT = 64 * 1024 * 1024

type Options = Readonly<Record<string, unknown>>

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

const envOf = (given: unknown): Record<string, string> => {
  const pairs = Array.isArray(given) ? given.map(String) : []
  return Object.fromEntries(
    pairs.map(pair => {
      const at = pair.indexOf('=')
      if (at > 0) return [pair.slice(0, at), pair.slice(at + 1)]
      throw new RemoteError({ kind: 'invalid-input', message: `--env: “${pair}” is not NAME=VALUE.` })
    }),
  )
}

const specOf = (words: readonly string[], options: Options) => {
  const [user, cwd] = [text(options['user']), text(options['cwd'])]
  return {
    ...(options['shell'] === true ? { shell: words.join(' ') } : { args: [...words] }),
    ...(user === undefined ? {} : { user }),
    ...(cwd === undefined ? {} : { cwd }),
    env: envOf(options['env']),
    timeoutSeconds: numberOption(options['timeout'], '--timeout', 1, DAY) ?? DAY,
    maxOutputBytes: MAX_OUTPUT,
  }
}

/** What of the command's output goes where. */
interface Sink {
  take(kind: 'stdout' | 'stderr', bytes: Uint8Array): Promise<void>
  end(result: ExecResult): void
}

const written = async (out: Writable, bytes: Uint8Array | string): Promise<void> => {
  if (bytes.length > 0 && !out.write(bytes)) await once(out, 'drain')
}

/** Straight through; to a terminal only what cannot script it, unless told. */
const through = (raw: boolean): Sink => {
  const shown = {
    stdout: raw || !process.stdout.isTTY ? null : terminalText(),
    stderr: raw || !process.stderr.isTTY ? null : terminalText(),
  }
  return {
    take: (kind, bytes) => written(process[kind], shown[kind]?.take(bytes) ?? bytes),
    end({ truncated }) {
      for (const kind of ['stdout', 'stderr'] as const) process[kind].write(shown[kind]?.end() ?? '')
      if (truncated) note('vireo: warning: the output was longer than the agent passes on, and was cut.')
    },
  }
}

const gathered = (): Sink => {
  const parts: Record<'stdout' | 'stderr', Uint8Array[]> = { stdout: [], stderr: [] }
  const textOf = (kind: 'stdout' | 'stderr') => Buffer.concat(parts[kind]).toString('utf8')
  return {
    // The frame's bytes lie in a buffer of the stream's.
    take: async (kind, bytes) => void parts[kind].push(Buffer.from(bytes)),
    end: result => print(json({ ...result, stdout: textOf('stdout'), stderr: textOf('stderr') })),
  }
}

/** Sends our input until its end, or until the command no longer takes it. */
const feed = async (stream: Duplex, wanted: boolean): Promise<void> => {
  if (wanted) {
    for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
      for (let at = 0; at < chunk.length; at += MAX_EXEC_FRAME) {
        if (!stream.writable) return
        await written(stream, encodeExecFrame('stdin', chunk.subarray(at, at + MAX_EXEC_FRAME)))
      }
    }
  }
  if (stream.writable) stream.write(encodeExecFrame('stdinEnd'))
}

const codeOf = ({ exitCode, signal, timedOut }: ExecResult): number => {
  if (timedOut) return TIMED_OUT
  if (exitCode !== null) return exitCode
  const numbers: Readonly<Record<string, number>> = constants.signals
  return 128 + (numbers[signal ?? ''] ?? 0)
}

/** Until the end frame. Rejects with what broke the stream. */
const follow = async (stream: Duplex, sink: Sink): Promise<ExecResult> => {
  let result: ExecResult | null = null
  let frames: { readonly kind: ExecFrameKind; readonly bytes: Uint8Array }[] = []
  const read = execFrameReader((kind, bytes) => frames.push({ kind, bytes }))
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    read(chunk)
    const whole = frames
    frames = []
    for (const { kind, bytes } of whole) {
      if (kind === 'end') result = ExecResult.parse(JSON.parse(Buffer.from(bytes).toString('utf8')))
      else if (kind === 'stdout' || kind === 'stderr') await sink.take(kind, bytes)
    }
    if (result) return result
  }
  throw new RemoteError({ kind: 'connection', trouble: 'lost', message: 'The command’s stream ended too soon.' })
}

/** Runs with the stream until its end or a signal. The command is dead in the guest when this settles. */
const attended = async (stream: Duplex, work: () => Promise<number>): Promise<number> => {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  let interrupted = false
  const closed = new Promise<void>(resolve => stream.once('close', resolve))
  const onSignal = () => {
    if (interrupted) process.exit(130)
    interrupted = true
    stream.destroy()
  }
  // Whoever reads may stop reading, as in `vireo exec web-1 -- yes | head`; that kills the command too.
  const gone = process.stdout.listeners('error')
  process.stdout.removeAllListeners('error').on('error', onSignal)
  for (const signal of signals) process.on(signal, onSignal)
  try {
    return await work()
  } catch (error) {
    if (interrupted) return EXIT_CODES.cancelled
    throw error
  } finally {
    stream.destroy()
    await closed
    for (const signal of signals) process.off(signal, onSignal)
    process.stdout.off('error', onSignal)
    for (const listener of gone) process.stdout.on('error', listener as (error: Error) => void)
    process.stdin.destroy()
  }
}

export const execCommand = (words: readonly string[], options: Options, parts: Parts): Promise<number> => {
  const [name = '', ...command] = words
  const spec = specOf(command, options)
  const connections = options['connection'] as readonly string[] | undefined
  return withMachine(parts, { name, connections }, async (session, { id }) => {
    const method = text(options['method']) ?? 'auto'
    const login = await loginOf(options)
    const stream = await session.open('guest', 'exec', { id, spec, method, ...(login === undefined ? {} : { login }) })
    stream.on('error', () => undefined)
    const sink = options['json'] === true ? gathered() : through(options['raw'] === true)
    return attended(stream, async () => {
      const ownInput = options['stdin'] !== false && options['loginPasswordStdin'] !== true && !process.stdin.isTTY
      feed(stream, ownInput).catch((error: Error) => stream.destroy(error))
      const result = await follow(stream, sink)
      sink.end(result)
      if (result.timedOut && options['json'] !== true) note('vireo: the command was killed: its time was up.')
      return codeOf(result)
    })
  })
}
