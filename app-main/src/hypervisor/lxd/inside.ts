/** Inside LXD's machines, by LXD itself: commands and files. */
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fillFile, openExec, openFile, openTerminal, type RunningExec } from '../../lxd/index.ts'
import type { DomainKey, Inside, InsideCommand, InsideInput } from '../driver.ts'
import type { DaemonAccess } from './daemon-access.ts'
import { typed } from './typed.ts'

const KILL = 9

/** A login of root's, with root's own shell; images made for one program alone have no `su`. */
const LOGIN = 'if command -v su >/dev/null 2>&1; then exec su -l; else cd; exec sh -l; fi'

const requestOf = ({ args, env, cwd, uid, gid }: InsideCommand) => ({
  ...{ command: args, environment: env },
  ...(cwd === undefined ? {} : { cwd }),
  ...(uid === undefined ? {} : { user: uid }),
  ...(gid === undefined ? {} : { group: gid }),
})

export const lxdInside = (connection: DaemonAccess): Inside => {
  const at = (key: DomainKey) => ({ client: connection.client(), name: connection.instance(key).name })
  return {
    run: (key, command, input, signal) =>
      typed(async () => {
        const { client, name } = at(key)
        const running = await openExec(client, name, requestOf(command), signal)
        return follow(running, input, signal)
      }),

    terminal: (key, size, onOutput, signal) =>
      typed(async () => {
        const { client, name } = at(key)
        const request = { command: ['/bin/sh', '-c', LOGIN], environment: { TERM: 'xterm-256color' }, ...size }
        return openTerminal(client, name, request, onOutput, signal)
      }),

    readFile: (key, path, signal) =>
      typed(async () => {
        const { client, name } = at(key)
        return openFile(client, name, path, signal)
      }),

    fillFile: (key, path, content, signal) =>
      typed(async () => {
        const { client, name } = at(key)
        await fillFile(client, name, { path, content }, signal)
      }),
  }
}

const follow = async (running: RunningExec, input: InsideInput, signal: AbortSignal): Promise<number> => {
  const { stdin, stdout, stderr, ended } = running
  const outputs = Promise.all([
    told(stdout, bytes => input.onOutput('stdout', bytes)),
    told(stderr, bytes => input.onOutput('stderr', bytes)),
  ])
  // Whichever comes first; what is left of it is nobody's news.
  for (const one of [outputs, ended]) one.catch(() => undefined)
  // A command that ends without having read its input is no failure.
  if (input.stdin === undefined) stdin.end()
  else pipeline(input.stdin, stdin).catch(() => undefined)
  stdin.resume()
  const gaveUp = new AbortController()
  try {
    signal.throwIfAborted()
    const given = once(signal, 'abort', { signal: gaveUp.signal }).then(() => Promise.reject(reasonOf(signal)))
    given.catch(() => undefined)
    return await Promise.race([Promise.all([ended, outputs]).then(([code]) => code), given])
  } catch (error) {
    running.signal(KILL)
    throw error
  } finally {
    gaveUp.abort()
    running.close()
  }
}

const reasonOf = (signal: AbortSignal): Error => (signal.reason instanceof Error ? signal.reason : new Error('aborted'))

const told = async (stream: Readable, tell: (bytes: Uint8Array) => void | Promise<void>): Promise<void> => {
  for await (const bytes of stream as AsyncIterable<Buffer>) await tell(bytes)
}
