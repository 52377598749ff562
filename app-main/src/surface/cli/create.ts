/** `vireo create`: reads what is wanted, says or does it, and tells how to go on. */
import { hashPassword } from '../../cloud-init/password-hash.ts'
import {
  RemoteError,
  type ConnectionUri,
  type DomainId,
  type FirstBoot,
  type Task,
  type Unfinished,
} from '../../contract/index.ts'
import { askSecrets, secretFromInput } from './ask-secret.ts'
import { draftOf } from './create-line.ts'
import { bootLine, copiedText, phaseLine, planOutput } from './create-output.ts'
import { EXIT_CODES } from './exit-code.ts'
import { openToAll } from './open-to-all.ts'
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

/** Gives the exit code of a task that ended; `boot` is what is known of the machine's first start. */
const told = (task: Task, boot: FirstBoot | null, asJson: boolean): number => {
  if (asJson) print(json(boot === null ? task : { ...task, boot }))
  if (task.state === 'done') return 0
  const error = task.error ?? { kind: 'cancelled' as const, message: 'Cancelled.' }
  complain(error)
  return EXIT_CODES[error.kind]
}

/** Unless somebody said, only where there is something that cloud-init was told. */
const waitsFor = async (session: Session, id: DomainId, said: unknown): Promise<boolean> => {
  if (typeof said === 'boolean') return said
  const boot = await session.known('create', 'bootState', { id })
  return boot?.steps.some(({ stage, state }) => stage === 'cloud-init' && state !== 'skipped') ?? false
}

/** Tells each stage when it is reached, and what its serial line says of the way there. */
const firstBoot = async (session: Session, id: DomainId, quiet: boolean): Promise<Task> => {
  const shown = new Set<string>()
  const heard = new Set<string>()
  const listening = session.listen('create', 'bootChanged', payload => {
    const boot = payload as FirstBoot
    if (quiet || boot.id !== id) return
    if (boot.phase !== null && !heard.has(boot.phase.phase)) note(phaseLine(boot.phase))
    if (boot.phase !== null) heard.add(boot.phase.phase)
    for (const { stage, state, detail } of boot.steps) {
      if (state === 'waiting' || shown.has(stage)) continue
      shown.add(stage)
      const line = bootLine(stage, state, detail)
      if (line !== null) note(line)
    }
  })
  try {
    return await session.task('create', 'firstBoot', { id })
  } finally {
    listening.dispose()
  }
}

const halfOf = async (session: Session, name: string): Promise<Unfinished> => {
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
  return first
}

const discard = async (session: Session, wanted: string, asJson: boolean): Promise<number> => {
  const { id, name } = await halfOf(session, wanted)
  const code = told(await session.task('create', 'discard', { id }), null, asJson)
  if (code === 0) note(`What was made of “${printable(name)}” is removed.`)
  return code
}

const finish = async (session: Session, wanted: string, asJson: boolean): Promise<number> => {
  const { id, name } = await halfOf(session, wanted)
  const code = told(await session.task('create', 'finish', { id }), null, asJson)
  if (code === 0) note(`“${printable(name)}” is made. See how it starts: vireo console ${printable(name)}`)
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
  const source = String(draft['source'])
  if (!asJson && source.startsWith('/') && !(await openToAll(source))) {
    // What is wrong with it, making it says.
    const plan = await session.known('create', 'plan', wanted).catch(() => null)
    if (plan?.copied) note(copiedText(plan.copied, plan.pool))
  }
  const task = await session.task('create', 'run', wanted)
  if (task.state !== 'done') return told(task, null, asJson)
  const id = task.target as DomainId
  const name = printable(String(draft['name']))
  const waits = draft['start'] !== false && (await waitsFor(session, id, options['wait']))
  if (!waits) {
    if (asJson) print(json(task))
    else if (draft['start'] === false) note(`“${name}” is made. Start it: vireo start ${name}`)
    else note(`“${name}” runs. See how it starts: vireo console ${name}`)
    return 0
  }
  if (!asJson) note(`“${name}” is made, and starts. Ctrl+C ends the waiting; the machine goes on.`)
  const boot = await firstBoot(session, id, asJson)
  return told(boot.state === 'done' ? task : boot, await session.known('create', 'bootState', { id }), asJson)
}

export const createCommand = async (words: readonly string[], options: Options, parts: Parts): Promise<number> => {
  const connections = options['connection'] as readonly string[] | undefined
  const lists = options['unfinished'] === true
  const named = ([['discard', discard] as const, ['finish', finish] as const] as const).flatMap(([option, work]) => {
    const name = options[option]
    return typeof name === 'string' ? [{ name, work }] : []
  })[0]
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
    if (named !== undefined) return await named.work(session, named.name, options['json'] === true)
    const uri = (connections?.[0] as ConnectionUri | undefined) ?? (await session.firstConnection())
    return await make(session, draft, options, uri)
  } finally {
    session.dispose()
  }
}
