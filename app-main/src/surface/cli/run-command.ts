import { readFile } from 'node:fs/promises'
import { RemoteError, contract, type ConnectionUri, type Entry, type Task } from '../../contract/index.ts'
import { inputOf, needsConnections, type CommandSpec } from './command-spec.ts'
import { EXIT_CODES } from './exit-code.ts'
import { humanOutput } from './output.ts'
import { connectionIn } from './resolve.ts'
import type { Parts } from './parts.ts'
import { Session } from './session.ts'
import { complain, confirmed, note, print } from './terminal.ts'
import { json } from './text.ts'

export interface CommandLine {
  readonly args: readonly string[]
  /** What was typed, by camelCase option name. */
  readonly given: Readonly<Record<string, unknown>>
  readonly connections: readonly string[] | undefined
}

/** These take stored things away; the others do what `virsh` does without asking. */
const ASKS = new Set([
  'domain.undefine',
  'domain.discardSave',
  'guest.remove',
  'guest.uninstallAgent',
  'network.delete',
  'image.delete',
  'image.cleanup',
  'lxd.restoreSnapshot',
  'lxd.deleteSnapshot',
])

const connectionsFor = (spec: CommandSpec, { args, connections }: CommandLine): readonly string[] | undefined => {
  if (!needsConnections(spec)) return []
  if (connections) return connections
  const inId = spec.positionals.some(({ kind }) => kind === 'domain') ? connectionIn(args[0] ?? '') : undefined
  return inId === undefined ? undefined : [inId]
}

/** `target` is the thing's name for people; the question may hold other parts of the input too. */
const allowed = async ({ entry, room, name }: CommandSpec, { given }: CommandLine, target: string, input: object) => {
  if (!ASKS.has(`${room}.${name}`) || given['yes'] === true || !process.stdin.isTTY) return true
  const question = (entry.kind === 'call' && entry.confirm) || 'Really?'
  const words: Record<string, unknown> = { ...input, name: target }
  const wordOf = (word: string) => (typeof words[word] === 'string' ? words[word] : '')
  return confirmed(question.replace(/\{(\w+)\}/g, (_, word: string) => wordOf(word)))
}

const isTask = ({ entry }: CommandSpec): boolean =>
  entry.kind === 'call' && 'shape' in entry.output && 'taskId' in (entry.output.shape as object)

/** Looking is free; the rest, every stream of a machine and its inside included, wants full access. */
const unlockFor = async (spec: CommandSpec, uri: ConnectionUri | undefined, session: Session): Promise<void> => {
  const { kind, effect } = spec.entry
  const free = kind === 'call' && effect === 'read' && spec.room !== 'guest'
  if (uri !== undefined && !free) await session.unlock(uri)
}

/** The command line's word for a next step. */
const adviceOf = (task: Task, target: string): string | undefined => {
  const rooms: Readonly<Record<string, Readonly<Record<string, Entry>>>> = contract
  const entry = task.offer ? rooms[task.offer.room]?.[task.offer.name] : undefined
  if (!entry || entry.kind === 'event' || !entry.verb) return undefined
  return task.state === 'done' ? undefined : `Next step: vireo ${entry.verb} ${quoted(target)}`
}

/** As a POSIX shell wants it. */
const quoted = (text: string): string => {
  const word = /^[\w.@%+=:,/][\w.@%+=:,/-]*$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
  return text.startsWith('-') ? `-- ${word}` : word
}

const runTask = async (spec: CommandSpec, input: object, target: string, session: Session, asJson: boolean) => {
  const task = await session.task(spec.room, spec.name, input)
  if (asJson) print(json(task))
  if (task.state === 'done') {
    // What was done inside a machine is told by its last step: which version answers, or that nothing had to be changed.
    if (['guest', 'image', 'media'].includes(spec.room) && task.step !== null && !asJson) note(task.step)
    return 0
  }
  const error = task.error ?? { kind: 'cancelled' as const, message: 'Cancelled.' }
  complain(error)
  const advice = adviceOf(task, target)
  if (advice) note(advice)
  return EXIT_CODES[error.kind]
}

const runStream = async (spec: CommandSpec, input: object, target: string, session: Session, line: CommandLine) => {
  if (spec.name === 'screenshot') {
    const { saveScreenshot } = await import('./screenshot.ts')
    return saveScreenshot(await session.open(spec.room, spec.name, input), target, line.given['output'])
  }
  const { attachConsole } = await import('./console.ts')
  return attachConsole(await session.open(spec.room, spec.name, input), target)
}

/** A document named on the command line. */
const contentOf = async (file: string): Promise<string> => {
  try {
    return await readFile(file === '-' ? '/dev/stdin' : file, 'utf8')
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new RemoteError({ kind: 'invalid-input', message: `${file} cannot be read: ${why}` }, { cause: error })
  }
}

const inSession = async (spec: CommandSpec, line: CommandLine, session: Session): Promise<number> => {
  const words: Record<string, string> = {}
  let target = ''
  let place: ConnectionUri | undefined
  for (const [index, { property, kind }] of spec.positionals.entries()) {
    const word = line.args[index] ?? ''
    const domain = kind === 'domain' ? await session.domain(word) : undefined
    words[property] = domain?.id ?? (kind === 'file' ? await contentOf(word) : word)
    target ||= domain?.name ?? word
    place ??= domain?.connection
  }
  if (spec.onConnection) {
    place =
      (line.connections?.[0] as ConnectionUri | undefined) ??
      (await session.firstConnection(spec.room === 'lxd' ? 'lxd' : undefined))
    words['connection'] = place
  }
  const input = inputOf(spec, words, line.given)
  if (!(await allowed(spec, line, target, input))) {
    throw new RemoteError({ kind: 'cancelled', message: 'Nothing was changed.' })
  }
  await unlockFor(spec, place, session)
  if (spec.entry.kind === 'stream') return runStream(spec, input, target, session, line)
  const asJson = line.given['json'] === true
  if (isTask(spec)) return runTask(spec, input, target, session, asJson)
  const value = await session.call(spec.room, spec.name, input)
  if (spec.room === 'domain' && spec.positionals.length === 0) await session.checkConnections()
  const text = asJson ? json(value) : humanOutput(spec.room, spec.name, value)
  if (text !== '') print(text)
  return endOf(value)
}

/** A report that found something wrong is an answer, and no success. */
const endOf = (value: unknown): number =>
  typeof value === 'object' && value !== null && 'overall' in value && value.overall === 'FAIL' ? 1 : 0

/** Runs one command of the contract and gives its exit code; rejects with the typed failure. */
export const runCommand = async (spec: CommandSpec, line: CommandLine, parts: Parts): Promise<number> => {
  const connections = connectionsFor(spec, line)
  const backend = await parts.createBackend({ connections })
  const session = new Session(backend, connections !== undefined)
  try {
    return await inSession(spec, line, session)
  } finally {
    session.dispose()
  }
}
