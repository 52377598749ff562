/** Answer files are checked by their distribution's own program where that is installed. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { PYTHON_YAML } from '../base/python-yaml.ts'
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

/** A database of its own: the computer's may be locked, and is not every user's to read. */
const withDatabase = async <T>(work: (config: string) => Promise<T>): Promise<T> => {
  const folder = await mkdtemp(join(tmpdir(), 'vireo-debconf-'))
  try {
    const config = join(folder, 'debconf.conf')
    const part = (name: string) => `Name: ${name}\nDriver: File\nFilename: ${join(folder, name)}\n`
    await writeFile(config, ['Config: config\nTemplates: templates\n', part('config'), part('templates')].join('\n'))
    return await work(config)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const NOBODY: AnswerCheck = { by: null, problems: [] }

/** The file reaches the program on its input: it holds a password's hash. What the program says may repeat a line of it. */
const byDebconf = (text: string, config: string, signal: AbortSignal | undefined): Promise<AnswerCheck> =>
  new Promise((resolve, reject) => {
    const child = spawn(PROGRAM, ['--checkonly'], {
      env: { ...process.env, LC_ALL: 'C', DEBCONF_SYSTEMRC: config, DEBCONF_NOWARNINGS: 'yes' },
      stdio: ['pipe', 'ignore', 'pipe'],
      timeout: DEADLINE_MS,
      killSignal: 'SIGKILL',
      ...(signal ? { signal } : {}),
    })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (more: string) => (said = `${said}${more}`.slice(-MOST_SAID)))
    child.stdin.on('error', () => undefined)
    child.stdin.end(text)
    child.once('error', error => (signal?.aborted ? reject(error) : resolve(NOBODY)))
    child.once('close', code => {
      const lines = said.split('\n').filter(line => /parse error|Unknown type/.test(line))
      const problems = lines.map(line => line.replace(/^.*?: /, '').replace(/: '.*$/, ''))
      // It may have ended without having looked.
      resolve(code === 0 || problems.length > 0 ? { by: PROGRAM, problems } : NOBODY)
    })
  })

const Seed = z.strictObject({ autoinstall: Autoinstall })

const byOwnSchema = (text: string): AnswerCheck => {
  const { error } = Seed.safeParse(parse(text, PYTHON_YAML))
  const problems = error?.issues.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`) ?? []
  return { by: 'Vireo’s own schema', problems }
}

export const checkAnswers = async (kind: InstallerKind, text: string, signal?: AbortSignal): Promise<AnswerCheck> =>
  kind === 'debian' ? withDatabase(config => byDebconf(text, config, signal)) : byOwnSchema(text)
