/** Public SSH keys: checked, and found where a person keeps them. Private keys are never opened. */
import { spawn } from 'node:child_process'
import { constants } from 'node:fs'
import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'

export interface PublicKey {
  /** For instance `ssh-ed25519`. */
  readonly type: string
  readonly comment: string
  /** The line for `authorized_keys`. */
  readonly line: string
}

export interface FoundKey extends PublicKey {
  /** The file's path, or `agent`. */
  readonly source: string
}

/** Best first. */
const TYPES = [
  'sk-ssh-ed25519@openssh.com',
  'ssh-ed25519',
  'sk-ecdsa-sha2-nistp256@openssh.com',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'ssh-rsa',
]
const MOST_LINE = 16 * 1024
const AGENT_MS = 3_000

/** Reads one line as in a `.pub` file; undefined for anything else, options before the key included. */
export const parsePublicKey = (text: string): PublicKey | undefined => {
  const line = text.trim()
  if (line.length > MOST_LINE || /\p{Cc}/u.test(line)) return undefined
  const [type = '', encoded = '', ...rest] = line.split(/ +/)
  if (!TYPES.includes(type) || !/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return undefined
  const blob = Buffer.from(encoded, 'base64')
  // The type stands in the key itself, too.
  if (blob.length < 4 + type.length + 4 || blob.readUInt32BE(0) !== type.length) return undefined
  if (blob.toString('latin1', 4, 4 + type.length) !== type) return undefined
  return { type, comment: rest.join(' '), line: [type, encoded, ...rest].join(' ') }
}

const readSmall = async (path: string): Promise<string> => {
  // A pipe of that name must not keep us waiting.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    if (!(await file.stat()).isFile()) return ''
    const { bytesRead, buffer } = await file.read(Buffer.alloc(MOST_LINE), 0, MOST_LINE, 0)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await file.close()
  }
}

const inFolder = async (folder: string): Promise<FoundKey[]> => {
  const names = await readdir(folder).catch(() => [])
  const found: FoundKey[] = []
  for (const name of names.filter(one => one.endsWith('.pub')).toSorted()) {
    const source = join(folder, name)
    const key = parsePublicKey(await readSmall(source).catch(() => ''))
    if (key) found.push({ ...key, source })
  }
  return found
}

/** What `ssh-add -L` says; nothing where there is no agent. */
const inAgent = (environment: NodeJS.ProcessEnv): Promise<FoundKey[]> =>
  new Promise(resolve => {
    if (!environment['SSH_AUTH_SOCK']) return resolve([])
    const options = { env: environment, timeout: AGENT_MS, killSignal: 'SIGKILL' as const }
    const child = spawn('ssh-add', ['-L'], { ...options, stdio: ['ignore', 'pipe', 'ignore'] })
    let out = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (out.length < 64 * MOST_LINE) out += text
    })
    child.once('error', () => resolve([]))
    child.once('close', code => {
      const keys = code === 0 ? out.split('\n').map(parsePublicKey) : []
      resolve(keys.flatMap(key => (key ? [{ ...key, source: 'agent' }] : [])))
    })
  })

/** Keys in `~/.ssh/*.pub` and in the agent, each once, the best kind first. */
export const findPublicKeys = async (home: string, environment = process.env): Promise<FoundKey[]> => {
  const [files, agent] = await Promise.all([inFolder(join(home, '.ssh')), inAgent(environment)])
  const once = new Map<string, FoundKey>()
  for (const key of [...files, ...agent]) {
    const blob = key.line.split(' ')[1] ?? ''
    if (!once.has(blob)) once.set(blob, key)
  }
  return [...once.values()].toSorted((a, b) => TYPES.indexOf(a.type) - TYPES.indexOf(b.type))
}
