/** `vireo guest keys`: whose SSH keys a user inside a machine lets in. */
import { parsePublicKey } from '../../cloud-init/ssh-keys.ts'
import { RemoteError } from '../../contract/index.ts'
import { readText } from './create-line.ts'
import type { Parts } from './parts.ts'
import { print } from './terminal.ts'
import { printable } from './text.ts'
import { withMachine } from './with-machine.ts'

const listOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : [])

const invalid = (message: string): RemoteError => new RemoteError({ kind: 'invalid-input', message })

/** What makes two lines the same key, whatever stands beside it; a line that is no key is itself. */
const identity = (line: string): string => /(?:^|\s)(AAAA[A-Za-z0-9+/]+=*)(?:\s|$)/.exec(line)?.[1] ?? line.trim()

const publicKey = (text: string, from: string): string => {
  if (/PRIVATE KEY/.test(text)) throw invalid(`${from} is a private key; give the .pub file beside it.`)
  const key = parsePublicKey(text)
  if (key === undefined) throw invalid(`${from} is no public key of SSH.`)
  return key.line
}

/** The keys of files and of the command line itself. Throws `invalid-input`. */
const keysOf = (given: readonly string[]): Promise<string[]> =>
  Promise.all(
    given.map(async one => {
      const itself = /^[a-z0-9@.-]+ AAAA/.test(one.trim())
      return publicKey(itself ? one : await readText(one), itself ? `“${one.slice(0, 40)}…”` : one)
    }),
  )

/** What is there with what comes and without what goes; lines that are not meant stay as they are. */
export const keysAfter = (
  before: readonly string[],
  { add, remove }: { readonly add: readonly string[]; readonly remove: readonly string[] },
): string[] => {
  const gone = new Set(remove.map(identity))
  const missing = remove.find(key => !before.some(line => identity(line) === identity(key)))
  if (missing !== undefined) {
    throw new RemoteError({ kind: 'not-found', message: `That key is not let in: ${missing.slice(0, 60)}…` })
  }
  const kept = before.filter(line => !gone.has(identity(line)))
  const known = new Set(kept.map(identity))
  const fresh = add.filter(line => !known.has(identity(line)) && known.add(identity(line)))
  return [...kept, ...fresh]
}

/** `vireo guest keys NAME USER [--add KEY] [--remove KEY] [--json]` */
export const keysCommand = async (
  words: readonly string[],
  options: Readonly<Record<string, unknown>>,
  parts: Parts,
): Promise<number> => {
  const [name = '', user = ''] = words
  if (user === '') throw invalid('Say whose keys: vireo guest keys web-1 root')
  const [add, remove] = await Promise.all([keysOf(listOf(options['add'])), keysOf(listOf(options['remove']))])
  const connections = options['connection'] as readonly string[] | undefined
  return withMachine(parts, { name, connections }, async (session, { id }) => {
    const before = await session.known('guest', 'sshKeys', { id, user })
    const keys = keysAfter(before, { add, remove })
    if (keys.join('\n') !== before.join('\n')) await session.known('guest', 'setSshKeys', { id, user, keys })
    const shown = keys.length === 0 ? 'No key is let in.' : keys.map(printable).join('\n')
    print(options['json'] === true ? JSON.stringify(keys) : shown)
    return 0
  })
}
