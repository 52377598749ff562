import { spawn } from 'node:child_process'
import type { CommandEnd } from './machine.ts'

/** What a program may say before it is taken for mad, bytes. */
const MOST_BYTES = 1024 * 1024

/** Runs a program without a shell. Undefined when it cannot be started; code null when it was ended, also by `signal`. */
export const runCommand = (
  program: string,
  args: readonly string[],
  ms: number,
  signal?: AbortSignal,
): Promise<CommandEnd | undefined> =>
  new Promise(resolve => {
    if (signal?.aborted) return resolve(undefined)
    const child = spawn(program, args, {
      env: { ...process.env, LC_ALL: 'C', LANGUAGE: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: ms,
      killSignal: 'SIGKILL',
    })
    const texts = { out: '', err: '' }
    let bytes = 0
    let ended = false
    const collect = (name: 'out' | 'err') => (text: string) => {
      bytes += text.length
      if (bytes <= MOST_BYTES) texts[name] += text
      else child.kill('SIGKILL')
    }
    const end = (value: CommandEnd | undefined) => {
      if (ended) return
      ended = true
      clearTimeout(late)
      signal?.removeEventListener('abort', leave)
      child.stdout.destroy()
      child.stderr.destroy()
      resolve(value)
    }
    // Politely, so that a program which runs another one can end it too.
    const leave = () => void child.kill('SIGTERM')
    signal?.addEventListener('abort', leave)
    // A grandchild may hold the pipes open after the program itself is gone.
    const late = setTimeout(() => end({ code: null, ...texts }), ms + 200)
    child.stdout.setEncoding('utf8').on('data', collect('out'))
    child.stderr.setEncoding('utf8').on('data', collect('err'))
    child.once('error', () => end(undefined))
    child.once('close', code => end({ code, ...texts }))
  })
