/** A command in the guest over a connection that is open. */
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { constants } from 'node:os'
import type { Readable, Writable } from 'node:stream'
import { RemoteError, type ExecEnd, type ExecSpec } from '../contract/index.ts'
import { plainEnvironment } from './client-options.ts'
import { broken, clientMissing, diagnose, oneLine } from './diagnose.ts'
import { MarkedOutput } from './marked-output.ts'
import { remoteScript, type RemoteScript } from './remote-script.ts'
import { aborted } from './run-ssh.ts'
import { spoken, type SshTarget } from './target.ts'

export interface RunInput {
  /** Bytes for the command's standard input; none unless told. */
  readonly stdin?: AsyncIterable<Uint8Array>
  /** Awaited: a slow reader slows the guest. */
  readonly onOutput: (stream: 'stdout' | 'stderr', bytes: Uint8Array) => void | Promise<void>
}

export interface RunWays {
  readonly program: string
  /** Arguments of ssh for this target, up to its host. */
  readonly args: readonly string[]
  readonly target: SshTarget
  /** Kills the session that `pid` leads in the guest, on a channel of its own. */
  kill(pid: number): Promise<void>
  /** How long the guest may take to tell of the end of what was killed, in milliseconds. */
  readonly endMs: number
}

const SIGNALS = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]))

type Streams = ChildProcessByStdio<Writable, Readable, Readable>

/** False when nobody takes it any more. */
const written = (out: Writable, bytes: Uint8Array): Promise<boolean> =>
  new Promise(resolve => {
    if (!out.writable) return resolve(false)
    if (out.write(bytes)) return resolve(true)
    const settle = () => {
      out.off('drain', settle).off('close', settle)
      resolve(out.writable)
    }
    out.on('drain', settle).on('close', settle)
  })

class CommandRun {
  readonly #ways: RunWays
  readonly #spec: ExecSpec
  readonly #input: RunInput
  readonly #script: RemoteScript
  readonly #child: Streams
  readonly #outputs: Readonly<Record<'stdout' | 'stderr', MarkedOutput>>
  #pid: number | null = null
  #code: number | null = null
  #failed: string | null = null
  #timedOut = false
  #truncated = false
  #killing: Promise<void> | null = null
  #late: NodeJS.Timeout | undefined
  #giveUpWaiting = (): void => undefined

  constructor(ways: RunWays, spec: ExecSpec, input: RunInput) {
    this.#ways = ways
    this.#spec = spec
    this.#input = input
    this.#script = remoteScript(spec)
    const { mark, command } = this.#script
    this.#outputs = {
      stdout: new MarkedOutput(mark, () => undefined),
      stderr: new MarkedOutput(mark, (word, value) => this.#said(word, value)),
    }
    this.#child = spawn(ways.program, [...ways.args, command], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: plainEnvironment(),
      // Ctrl+C in our terminal is ours alone: the command in the guest is to be killed first.
      detached: true,
    })
  }

  async run(signal: AbortSignal): Promise<ExecEnd> {
    const began = performance.now()
    const child = this.#child
    const closed = new Promise<void>((resolve, reject) => {
      child.once('close', () => resolve()).once('error', error => reject(clientMissing(error)))
      // Its output may be left with a reader who never takes it.
      this.#giveUpWaiting = () => reject(broken(this.#ways.target))
    })
    let failure: unknown
    const giveUp = (reason: unknown) => {
      failure ??= reason
      void this.#kill()
    }
    const onAbort = () => giveUp(aborted(signal))
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
    const timer = setTimeout(() => {
      this.#timedOut = true
      void this.#kill()
    }, this.#spec.timeoutSeconds * 1000)
    try {
      void this.#feed().catch(giveUp)
      const reading = (['stdout', 'stderr'] as const).map(name =>
        this.#read(name).catch((error: unknown) => {
          giveUp(error)
          child[name].resume()
        }),
      )
      await Promise.all([closed, ...reading]).catch((error: unknown) => void (failure ??= error))
      if (failure !== undefined) throw failure
      // It did not tell of its end: it may still run.
      if (this.#pid !== null && this.#code === null) void this.#kill()
      return { ...this.#outcome(), durationMs: performance.now() - began }
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      child.kill('SIGKILL')
      await this.#killing
      clearTimeout(this.#late)
    }
  }

  #said(word: string, value: string): void {
    const number = /^\d{1,10}$/.test(value) ? Number(value) : null
    if (word === 'start') this.#pid = number
    else if (word === 'end') this.#code = number
    else if (word === 'fail') this.#failed = value
    // It was to be killed before it had a number.
    if (word === 'start' && this.#killing) this.#killing = this.#killing.then(() => this.#killNow())
  }

  /** Rejects when its source does. Its end is told to the command only when all of it was sent: half a file is no file. */
  async #feed(): Promise<void> {
    const { stdin } = this.#child
    // A command that ends without having read its input is no failure.
    stdin.on('error', () => undefined)
    if (!(await written(stdin, this.#script.head))) return
    for await (const bytes of this.#input.stdin ?? []) if (!(await written(stdin, bytes))) return
    stdin.end()
  }

  async #read(name: 'stdout' | 'stderr'): Promise<void> {
    const marked = this.#outputs[name]
    let left = this.#spec.maxOutputBytes
    const give = async (bytes: Buffer): Promise<void> => {
      if (bytes.length > left) this.#truncated = true
      const part = bytes.subarray(0, left)
      left -= part.length
      if (part.length > 0) await this.#input.onOutput(name, part)
    }
    for await (const chunk of this.#child[name] as AsyncIterable<Buffer>) await give(marked.push(chunk))
    await give(marked.end())
  }

  /** Once; resolves when nothing of it runs any more, as far as that can be known. */
  #kill(): Promise<void> {
    this.#killing ??= this.#killNow()
    return this.#killing
  }

  async #killNow(): Promise<void> {
    // Who is not there yet is killed as soon as it says its number, or never begins without its script.
    if (this.#pid !== null) await this.#ways.kill(this.#pid).catch(() => undefined)
    this.#late ??= setTimeout(() => {
      this.#child.kill('SIGKILL')
      this.#giveUpWaiting()
    }, this.#ways.endMs)
  }

  #outcome(): Omit<ExecEnd, 'durationMs'> {
    const { target } = this.#ways
    const { exitCode } = this.#child
    if (this.#failed !== null) throw missingIn(this.#failed, this.#spec)
    const ended = { timedOut: this.#timedOut, truncated: this.#truncated }
    const code = this.#code ?? (exitCode === 255 ? null : exitCode)
    if (code === null && this.#timedOut) return { exitCode: null, signal: 'SIGKILL', ...ended }
    if (this.#pid === null) throw this.#neverBegan(target, exitCode)
    if (code === null) throw broken(target)
    // The shell says 128 and the signal's number for what a signal ended.
    const name = SIGNALS.get(code - 128)
    return name === undefined ? { exitCode: code, signal: null, ...ended } : { exitCode: null, signal: name, ...ended }
  }

  #neverBegan(target: SshTarget, exitCode: number | null): RemoteError {
    const said = this.#outputs.stderr.before
    if (exitCode === 255 || exitCode === null) return diagnose(target, said)
    return noShell(target, oneLine(said || this.#outputs.stdout.before))
  }
}

export const noShell = (target: SshTarget, said: string): RemoteError =>
  new RemoteError({
    kind: 'unsupported',
    message: `“${spoken(target)}” can log in over SSH but runs no commands${said ? `: ${said}` : ''}.`,
    hint: 'Its login shell must be able to start /bin/sh.',
  })

const missingIn = (what: string, { user, cwd }: ExecSpec): RemoteError => {
  switch (what) {
    case 'no-user':
      return new RemoteError({ kind: 'not-found', message: `There is no user “${user}” in the guest.` })
    case 'no-folder':
      return new RemoteError({ kind: 'not-found', message: `There is no folder “${cwd}” in the guest.` })
    case 'no-sudo':
      return new RemoteError({
        kind: 'permission',
        message: `Who logs in over SSH may not become “${user}” in the guest.`,
        hint: 'Log in as root, or let sudo do it there without a password.',
      })
    default:
      return new RemoteError({ kind: 'unsupported', message: 'The guest has neither runuser nor su.' })
  }
}

/**
 * Runs a command. Rejects with the signal's reason when aborted; what ran in the guest is dead then, as far as the guest can still
 * be asked.
 */
export const runCommand = (ways: RunWays, spec: ExecSpec, input: RunInput, signal: AbortSignal): Promise<ExecEnd> =>
  new CommandRun(ways, spec, input).run(signal)
