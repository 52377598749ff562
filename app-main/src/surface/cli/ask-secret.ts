/** A password typed without being shown, or the first line of standard input where nobody types. */
import { execFileSync } from 'node:child_process'
import { text as textOf } from 'node:stream/consumers'
import { createInterface } from 'node:readline/promises'
import { RemoteError } from '../../contract/index.ts'
import { printable } from './text.ts'

/** Bound for a program that needs no time, in milliseconds. */
const STTY_MS = 5000

const stty = (...args: string[]): string =>
  execFileSync('stty', args, { stdio: ['inherit', 'pipe', 'ignore'], encoding: 'utf8', timeout: STTY_MS }).trim()

/** Everything up to the first end of a line. */
export const secretFromInput = async (): Promise<string> => (await textOf(process.stdin)).replace(/\r?\n[^]*$/, '')

/** Asks on the terminal, as often as there are questions. Rejects with `cancelled` on Ctrl+C and Ctrl+D. */
export const askSecrets = async (questions: readonly string[]): Promise<string[]> => {
  const saved = stty('-g')
  // Also when something else ends the program.
  const restore = () => void stty(saved)
  process.on('exit', restore)
  stty('-echo')
  const lines = createInterface({ input: process.stdin, terminal: false })
  const gone = new AbortController()
  lines.once('close', () => gone.abort())
  const stop = () => gone.abort()
  process.once('SIGINT', stop)
  try {
    const answers: string[] = []
    const given = lines[Symbol.asyncIterator]()
    for (const question of questions) {
      process.stderr.write(`${printable(question)}: `)
      const answer = await Promise.race([given.next(), aborted(gone.signal)])
      process.stderr.write('\n')
      if (answer === null || answer.done === true)
        throw new RemoteError({ kind: 'cancelled', message: 'Nothing was changed.' })
      answers.push(answer.value)
    }
    return answers
  } finally {
    process.off('SIGINT', stop)
    lines.close()
    restore()
    process.off('exit', restore)
  }
}

const aborted = (signal: AbortSignal): Promise<null> =>
  new Promise(resolve => {
    if (signal.aborted) return resolve(null)
    signal.addEventListener('abort', () => resolve(null), { once: true })
  })
