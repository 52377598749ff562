/** `vireo create`: reads what is wanted, says or does it, and tells how to go on. */
import { hashPassword } from '../../cloud-init/password-hash.ts'
import { RemoteError, type ConnectionUri, type Unfinished } from '../../contract/index.ts'
import { askSecrets, secretFromInput } from './ask-secret.ts'
import { draftOf } from './create-line.ts'
import { planOutput } from './create-output.ts'
import { EXIT_CODES } from './exit-code.ts'
import type { Parts } from './parts.ts'
import { Session } from './session.ts'
import { complain, note, print } from './terminal.ts'
import { json, printable, table } from './text.ts'

type Options = Readonly<Record<string, unknown>>

const invalid = (message: string): RemoteError => new RemoteError({ kind: 'invalid-input', message })

const passwordHash = async (options: Options): Promise<string | undefined> => {
  if (options['password'] !== true) return undefined
  if (options['file'] === '-') throw invalid('Standard input is the file already, so it cannot be the password too.')
  if (!process.stdin.isTTY) return hashPassword(await secretFromInput())
  const [first = '', second] = await askSecrets(['Password in the new machine', 'The same again'])
  if (first !== second) throw invalid('The two passwords differ. Nothing was made.')
  return hashPassword(first)
}

/** Nobody said which keys: those that this person has. */
const withOwnKeys = async (draft: Record<string, unknown>, session: Session): Promise<Record<string, unknown>> => {
  if (draft['sshKeys'] !== undefined || draft['cloudInit'] === false) return draft
  const found = await session.known('create', 'sshKeys')
  return found.length > 0 ? { ...draft, sshKeys: found.map(({ line }) => line) } : draft
}

const unfinishedText = (list: readonly Unfinished[]): string =>
  list.length === 0
    ? 'Nothing is half made.'
    : table(
        ['NAME', 'BEGUN', 'CONNECTION'],
        list.map(({ name, startedAt, connection }) => [name, new Date(startedAt).toISOString(), connection]),
      )

const ended = async (session: Session, name: 'run' | 'discard', input: unknown, asJson: boolean): Promise<number> => {
  const task = await session.task('create', name, input)
  if (asJson) print(json(task))
  if (task.state === 'done') return 0
  const error = task.error ?? { kind: 'cancelled' as const, message: 'Cancelled.' }
  complain(error)
  return EXIT_CODES[error.kind]
}

const discard = async (session: Session, name: string, asJson: boolean): Promise<number> => {
  const found = (await session.known('create', 'unfinished')).filter(one => one.name === name || one.id === name)
  const [first, second] = found
  if (!first) throw new RemoteError({ kind: 'not-found', message: `Nothing of the name “${name}” is half made.` })
  if (second)
    throw new RemoteError({
      kind: 'ambiguous',
      message: `“${name}” is half made more than once.`,
      candidates: found.map(({ id }) => id),
    })
  await session.unlock(first.connection)
  const code = await ended(session, 'discard', { id: first.id }, asJson)
  if (code === 0) note(`What was made of “${first.name}” is removed.`)
  return code
}

const make = async (session: Session, draft: Record<string, unknown>, options: Options, uri: ConnectionUri) => {
  await session.unlock(uri)
  const wanted = { connection: uri, draft: await withOwnKeys(draft, session) }
  const asJson = options['json'] === true
  if (options['dryRun'] === true) {
    const plan = await session.known('create', 'plan', wanted)
    print(asJson ? json(plan) : planOutput(plan))
    return 0
  }
  const code = await ended(session, 'run', wanted, asJson)
  if (code === 0 && !asJson) {
    const name = printable(String(draft['name']))
    const off = draft['start'] === false
    note(
      off
        ? `“${name}” is made. Start it: vireo start ${name}`
        : `“${name}” runs. See how it starts: vireo console ${name}`,
    )
  }
  return code
}

export const createCommand = async (words: readonly string[], options: Options, parts: Parts): Promise<number> => {
  const connections = options['connection'] as readonly string[] | undefined
  const lists = options['unfinished'] === true
  const discarded = options['discard']
  const named = typeof discarded === 'string' ? discarded : undefined
  const draft = lists || named !== undefined ? {} : await draftOf(words[0], options)
  const hash = await passwordHash(options)
  if (hash !== undefined) draft['passwordHash'] = hash
  const backend = await parts.createBackend({ connections: lists ? [] : connections })
  const session = new Session(backend, connections !== undefined)
  try {
    if (lists) {
      const list = await session.known('create', 'unfinished')
      print(options['json'] === true ? json(list) : unfinishedText(list))
      return 0
    }
    if (named !== undefined) return await discard(session, named, options['json'] === true)
    const uri = (connections?.[0] as ConnectionUri | undefined) ?? (await session.firstConnection())
    return await make(session, draft, options, uri)
  } finally {
    session.dispose()
  }
}
