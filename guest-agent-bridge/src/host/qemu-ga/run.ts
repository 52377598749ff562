/** Processes in the guest through guest-exec, which tells of their output only at their end. */
import { setTimeout as sleep } from 'node:timers/promises'
import { RemoteError } from '@vireo/app-main/contract'
import type * as v from 'valibot'
import { badAnswer, cancelled } from '../rpc-failure.ts'
import * as schema from './schema.ts'
import type { Talk } from './talk.ts'

export interface Command {
  readonly path: string
  readonly args: readonly string[]
  readonly env?: readonly string[]
  readonly stdin?: Buffer
  readonly seconds: number
  readonly signal: AbortSignal
}

export interface Ended {
  readonly exitCode: number | null
  /** Number of the signal that ended it. */
  readonly signal: number | null
  /** It was killed because its time was over. */
  readonly timedOut: boolean
  readonly stdout: Buffer
  readonly stderr: Buffer
}

/** Between two looks, milliseconds: soon at first, rarely later. */
const FIRST_LOOK_MS = 4
const LAST_LOOK_MS = 1000
/** How long a process may take to end when it is asked to, and to be gone when it is killed. */
const POLITE_MS = 2000
const GRACE_MS = 15_000

const NEVER = new AbortController().signal

/** Runs a program until it ends. When its time is over, or the caller gives up, it is killed with its whole process group. */
export const run = async (talk: Talk, command: Command): Promise<Ended> => {
  const { path, args, env, stdin, signal } = command
  const deadline = performance.now() + command.seconds * 1000
  const given = {
    ...{ path, arg: args, 'capture-output': true },
    ...(env === undefined ? {} : { env }),
    ...(stdin === undefined ? {} : { 'input-data': stdin.toString('base64') }),
  }
  const { pid } = await talk.ask('guest-exec', schema.pid, { args: given, signal }, late => kill(talk, late.pid))
  const end = await ended(talk, pid, deadline, signal)
  if (end !== null) return { ...end, timedOut: false }
  const killing = terminate(talk, pid)
  if (signal.aborted) {
    // Whoever gave up may leave next, and nobody would go on killing.
    const gone = killing.catch(() => undefined)
    await Promise.race([gone, sleep(2 * POLITE_MS, undefined, { ref: false })])
    throw cancelled('The command', signal.reason)
  }
  const killed = await killing
  if (killed !== null) return { ...killed, timedOut: true }
  throw new RemoteError({ kind: 'timeout', message: 'The command did not end in time, and it could not be killed.' })
}

/** Starts a program and lets it go. It leads a process group of its own. */
export const spawn = async (talk: Talk, args: readonly string[], signal: AbortSignal): Promise<number> => {
  const given = { path: 'setsid', arg: args, 'capture-output': false }
  const { pid } = await talk.ask('guest-exec', schema.pid, { args: given, signal }, late => kill(talk, late.pid))
  return pid
}

/** Whether a process has ended; asking makes qemu-ga forget one that has. */
export const hasEnded = async (talk: Talk, pid: number, signal: AbortSignal): Promise<boolean> =>
  (await talk.ask('guest-exec-status', schema.execStatus, { args: { pid }, signal })).exited

/** Asks a process group to end, and kills it when it does not. Looking at it to its end makes qemu-ga forget it. */
const terminate = async (talk: Talk, pid: number): Promise<Omit<Ended, 'timedOut'> | null> => {
  await send(talk, pid, 'TERM').catch(() => undefined)
  const end = await ended(talk, pid, performance.now() + POLITE_MS, NEVER)
  if (end !== null) return end
  await send(talk, pid, 'KILL').catch(() => undefined)
  return ended(talk, pid, performance.now() + GRACE_MS, NEVER)
}

/** Kills a process group without waiting: the guest may be slow, and the caller has given up. */
export const kill = (talk: Talk, pid: number): void => {
  send(talk, pid, 'KILL')
    .then(() => ended(talk, pid, performance.now() + GRACE_MS, NEVER))
    .catch(() => undefined)
}

const SEND = 'kill -s "$1" -- "-$2" 2>/dev/null || kill -s "$1" "-$2" 2>/dev/null || kill -s "$1" "$2"'

/** To the process group, or to the process alone where it leads none. */
const send = async (talk: Talk, pid: number, signal: 'TERM' | 'KILL'): Promise<void> => {
  const args = { path: '/bin/sh', arg: ['-c', SEND, 'sh', signal, String(pid)], 'capture-output': true }
  const sender = await talk.ask('guest-exec', schema.pid, { args, signal: NEVER })
  await ended(talk, sender.pid, performance.now() + GRACE_MS, NEVER)
}

/** Null when it still runs at the deadline or the caller gave up. A guest that misses one look may answer the next. */
const ended = async (
  talk: Talk,
  pid: number,
  deadline: number,
  signal: AbortSignal,
): Promise<Omit<Ended, 'timedOut'> | null> => {
  for (let pause = FIRST_LOOK_MS; ; pause = Math.min(LAST_LOOK_MS, pause * 1.25)) {
    if (signal.aborted || performance.now() >= deadline) return null
    await sleep(Math.min(pause, deadline - performance.now()), undefined, { signal }).catch(() => undefined)
    try {
      const status = await talk.ask('guest-exec-status', schema.execStatus, { args: { pid }, signal })
      if (status.exited) return endOf(status)
    } catch (error) {
      if (signal.aborted) return null
      if (!(error instanceof RemoteError) || error.detail.kind !== 'timeout' || performance.now() >= deadline)
        throw error
    }
  }
}

type Status = v.InferOutput<typeof schema.execStatus>

const endOf = (status: Status): Omit<Ended, 'timedOut'> => {
  const { exitcode, signal } = status
  if (exitcode === undefined && signal === undefined)
    throw badAnswer('guest-exec-status', 'it does not say how it ended')
  return {
    exitCode: exitcode ?? null,
    signal: signal ?? null,
    stdout: Buffer.from(status['out-data'] ?? '', 'base64'),
    stderr: Buffer.from(status['err-data'] ?? '', 'base64'),
  }
}
