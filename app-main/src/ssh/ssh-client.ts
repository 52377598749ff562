/** SSH by the system's OpenSSH: one connection to each machine, which terminals and commands share. */
import { mkdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { RemoteError, type ExecEnd, type ExecSpec } from '../contract/index.ts'
import { CONNECT_SECONDS, sshArguments, type SshMode, type SshPlaces } from './client-options.ts'
import { runCommand, type RunInput } from './command-run.ts'
import { diagnose, tooSlow } from './diagnose.ts'
import { killScript } from './remote-script.ts'
import { runSsh } from './run-ssh.ts'
import { Slots } from './slots.ts'
import { checkedTarget, socketName, type SshTarget } from './target.ts'

export interface SshClientOptions {
  /** Gives the folder for sockets, of this user alone. */
  readonly runtimeFolder: () => Promise<string>
  /** Where the machines' host keys are kept. */
  readonly keysFolder: string
  /** `ssh` unless told. */
  readonly program?: string
  /** ssh's own configuration file instead of the user's; `none` for none. */
  readonly config?: string
  /** How long a new connection may take until somebody is logged in, in milliseconds. */
  readonly connectMs?: number
  /** How long a killed command may take to end, in milliseconds. */
  readonly endMs?: number
}

export interface Asking {
  readonly signal: AbortSignal
}

/** What sun_path takes, less the name's random end that ssh adds while it makes the socket, less the end of the text. */
const LONGEST_SOCKET = 108 - 17 - 1
/** A connection that is open answers well within this time, or it is none any more, in milliseconds. */
const ALIVE_MS = 5000
const CONTROL_MS = 3000
const KILL_MS = 8000
const END_MS = 5000
/** Sessions of one connection that run commands; OpenSSH's servers allow 10, and terminals and killing want some. */
const COMMANDS_AT_ONCE = 6
/** Whatever the login shell is, it can do this. */
const NOTHING = 'exec /bin/sh -c :'

export class SshClient {
  readonly #options: SshClientOptions
  readonly #program: string
  readonly #connecting = new Map<string, Promise<boolean>>()
  readonly #slots = new Slots(COMMANDS_AT_ONCE)

  constructor(options: SshClientOptions) {
    this.#options = options
    this.#program = options.program ?? 'ssh'
  }

  /**
   * Makes sure of an open connection without asking anybody. Rejects with `permission` when a password is wanted, `host-key` when
   * the machine shows another key than before, `connection`, `timeout`, and `unsupported` without ssh. True when commands can be run.
   */
  async connect(target: SshTarget, { signal }: Asking): Promise<boolean> {
    const name = socketName(checkedTarget(target))
    // Whoever wants the same waits for the same; who goes does not take it from the others.
    const known = this.#connecting.get(name)
    if (known) return orAborted(known, signal)
    const opening = this.#open(target).finally(() => this.#connecting.delete(name))
    this.#connecting.set(name, opening)
    return orAborted(opening, signal)
  }

  /** Runs a command on the connection. Rejects with the signal's reason when aborted; the command is dead by then. */
  async run(target: SshTarget, spec: ExecSpec, input: RunInput, { signal }: Asking): Promise<ExecEnd> {
    const args = await this.#arguments(target, 'batch', 'no')
    const release = await this.#slots.take(socketName(target), signal)
    try {
      const kill = (pid: number) =>
        runSsh(this.#program, [...args, killScript(pid)], { ms: KILL_MS }).then(() => undefined)
      return await runCommand(
        { program: this.#program, args, target, kill, endMs: this.#options.endMs ?? END_MS },
        spec,
        input,
        signal,
      )
    } finally {
      release()
    }
  }

  /** The program and its arguments that give a person at a terminal a shell in the machine; a command may follow them. */
  async terminalCommand(target: SshTarget, extra: readonly string[] = []): Promise<string[]> {
    return [this.#program, ...extra, ...(await this.#arguments(target, 'terminal', 'auto'))]
  }

  async isConnected(target: SshTarget): Promise<boolean> {
    const run = await this.#control(target, 'check').catch(() => null)
    return run?.code === 0
  }

  /** Ends the shared connection, with all that runs on it. */
  async disconnect(target: SshTarget): Promise<void> {
    if (await this.isConnected(target)) await this.#control(target, 'exit')
  }

  /** Whether a host key of this machine is remembered. */
  async knowsKey(alias: string): Promise<boolean> {
    const found = await stat(this.#keys(alias)).catch(() => null)
    return found !== null && found.size > 0
  }

  async forgetKey(alias: string): Promise<void> {
    await rm(this.#keys(alias), { force: true })
  }

  async #open(target: SshTarget): Promise<boolean> {
    if (await this.isConnected(target)) {
      const run = await this.#attempt(target, ALIVE_MS)
      if (run.code !== null && run.code !== 255) return run.code === 0
      // Open, but nobody answers on it any more: the machine may have been started anew.
      await this.disconnect(target)
    }
    const ms = this.#options.connectMs ?? (CONNECT_SECONDS + 5) * 1000
    const run = await this.#attempt(target, ms)
    if (run.code === null) {
      await this.disconnect(target).catch(() => undefined)
      throw tooSlow(target, ms)
    }
    if (run.code === 255) throw diagnose(target, run.said)
    return run.code === 0
  }

  async #attempt(target: SshTarget, ms: number) {
    return runSsh(this.#program, [...(await this.#arguments(target, 'batch', 'auto')), NOTHING], { ms })
  }

  async #control(target: SshTarget, what: 'check' | 'exit') {
    const args = await this.#arguments(target, 'batch', 'no')
    return runSsh(this.#program, ['-O', what, ...args], { ms: CONTROL_MS })
  }

  async #arguments(target: SshTarget, mode: SshMode, share: 'auto' | 'no'): Promise<string[]> {
    return sshArguments(target, await this.#places(target), mode, share)
  }

  #keys(alias: string): string {
    return join(this.#options.keysFolder, alias)
  }

  async #places(target: SshTarget): Promise<SshPlaces> {
    const { keysFolder, runtimeFolder, config } = this.#options
    const socket = join(await runtimeFolder(), socketName(checkedTarget(target)))
    if (Buffer.byteLength(socket) > LONGEST_SOCKET)
      throw new RemoteError({
        kind: 'unsupported',
        message: `The path of the folder for sockets is too long: ${socket}.`,
        hint: 'Set XDG_RUNTIME_DIR to a folder with a shorter path.',
      })
    const knownHosts = this.#keys(target.alias)
    for (const path of [socket, knownHosts]) requirePlain(path)
    await mkdir(keysFolder, { recursive: true, mode: 0o700 })
    return { socket, knownHosts, config }
  }
}

/** ssh would read more into such a path than its name. */
const requirePlain = (path: string): void => {
  if (!/[\p{Cc}"\\$]/u.test(path)) return
  throw new RemoteError({
    kind: 'unsupported',
    message: `ssh cannot use the path ${JSON.stringify(path)}.`,
    hint: 'Set XDG_RUNTIME_DIR and XDG_STATE_HOME to paths without quotes, backslashes and dollars.',
  })
}

/** Its own way to give up; the work goes on for others. */
const orAborted = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const giveUp = () => reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'))
    if (signal.aborted) giveUp()
    signal.addEventListener('abort', giveUp, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp))
  })
