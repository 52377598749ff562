/** Answer files are checked by their distribution's own program where that is installed. */
import { spawn } from 'node:child_process'
import { parse } from 'yaml'
import { z } from 'zod'
import { Autoinstall } from './autoinstall.ts'
import type { InstallerKind } from './installer.ts'

export interface AnswerCheck {
  /** Who looked at it; null: its program is not installed here. */
  readonly by: string | null
  /** What is wrong; empty where nothing is known to be. They never hold an answer. */
  readonly problems: readonly string[]
}

const DEADLINE_MS = 20_000
const MOST_SAID = 16 * 1024
const PROGRAM = 'debconf-set-selections'

/** The file reaches the program on its input: it holds a password's hash. What the program says may repeat a line of it. */
const byDebconf = (text: string, signal: AbortSignal | undefined): Promise<AnswerCheck> =>
  new Promise((resolve, reject) => {
    const child = spawn(PROGRAM, ['--checkonly'], {
      env: { ...process.env, LC_ALL: 'C', DEBCONF_NOWARNINGS: 'yes', DEBCONF_NONINTERACTIVE_SEEN: 'true' },
      stdio: ['pipe', 'ignore', 'pipe'],
      timeout: DEADLINE_MS,
      killSignal: 'SIGKILL',
      ...(signal ? { signal } : {}),
    })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (more: string) => (said = `${said}${more}`.slice(-MOST_SAID)))
    child.stdin.on('error', () => undefined)
    child.stdin.end(text)
    child.once('error', error => (signal?.aborted ? reject(error) : resolve({ by: null, problems: [] })))
    child.once('close', () => {
      const lines = said.split('\n').filter(line => /parse error|Unknown type/.test(line))
      resolve({ by: PROGRAM, problems: lines.map(line => line.replace(/^.*?: /, '').replace(/: '.*$/, '')) })
    })
  })

const Seed = z.strictObject({ autoinstall: Autoinstall })

const byOwnSchema = (text: string): AnswerCheck => {
  const { error } = Seed.safeParse(parse(text))
  const problems = error?.issues.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`) ?? []
  return { by: 'the keys that Vireo writes', problems }
}

export const checkAnswers = async (kind: InstallerKind, text: string, signal?: AbortSignal): Promise<AnswerCheck> =>
  kind === 'debian' ? byDebconf(text, signal) : byOwnSchema(text)
