/** What the command line offers, derived from the contract: nothing here knows any command by its name. */
import { z } from 'zod'
import type { Call, Contract, Stream } from '../../contract/index.ts'

export interface OptionSpec {
  /** Key of the contract's input. */
  readonly property: string
  /** As commander wants it, for instance `--timeout-seconds <number>` or `--no-enabled`. */
  readonly flags: string
  readonly description: string
  readonly type: 'boolean' | 'number' | 'text'
  readonly choices: readonly string[]
  readonly required: boolean
}

export interface PositionalSpec {
  readonly property: string
  readonly label: string
  readonly description?: string
  /** `file`: the value is the content of the file named, `-` is standard input. */
  readonly kind: 'domain' | 'connection' | 'text' | 'number' | 'file'
}

export interface CommandSpec {
  readonly verb: string
  readonly room: string
  readonly name: string
  readonly entry: Call | Stream
  readonly positionals: readonly PositionalSpec[]
  readonly options: readonly OptionSpec[]
  /** Whether the input has a `connection` that must be given. */
  readonly onConnection: boolean
}

const Shape = z.object({
  // Something or nothing is a list of two; nothing cannot be typed.
  type: z.union([z.string(), z.array(z.string()).transform(types => types.find(type => type !== 'null'))]).optional(),
  description: z.string().optional(),
  enum: z.array(z.string()).optional(),
  const: z.unknown().optional(),
  maxLength: z.number().optional(),
  default: z.unknown().optional(),
})
const InputSchema = z.object({
  properties: z.record(z.string(), Shape.extend({ anyOf: z.array(Shape).optional() })).default({}),
  required: z.array(z.string()).default([]),
})
type Property = z.infer<typeof Shape>

/** Something or nothing, or one of several words, as the one thing that can be typed. */
const flat = ({ anyOf, ...schema }: z.infer<typeof InputSchema>['properties'][string]): Property => {
  const choices = anyOf?.filter(({ type }) => type !== 'null') ?? []
  const words = choices.flatMap(one => one.enum ?? (typeof one.const === 'string' ? [one.const] : []))
  const only = choices.length === 1 ? choices[0] : undefined
  const known = only ?? (words.length > 0 ? { type: 'string', enum: words } : {})
  return { ...known, ...schema }
}

const kebab = (property: string) => property.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)

const optionOf = (property: string, schema: Property, required: boolean): OptionSpec => {
  const name = kebab(property)
  const numeric = schema.type === 'integer' || schema.type === 'number'
  const type = schema.type === 'boolean' ? 'boolean' : numeric ? 'number' : 'text'
  const value = schema.enum ? name : type
  const flags = type !== 'boolean' ? `--${name} <${value}>` : schema.default === true ? `--no-${name}` : `--${name}`
  const negative = type === 'boolean' && schema.default === true ? 'not: ' : ''
  const shown =
    type !== 'boolean' && schema.default !== undefined && schema.default !== null
      ? ` (default: ${JSON.stringify(schema.default).replaceAll('"', '')})`
      : ''
  const description = `${negative}${schema.description ?? ''}${shown}`
  return { property, flags, description, type, choices: schema.enum ?? [], required }
}

/** What must be given and is no choice stands in its place. Nobody types documents. */
const placeOf = (property: string, schema: Property): PositionalSpec | undefined => {
  const described = schema.description === undefined ? {} : { description: schema.description }
  if (schema.type === 'integer') return { property, label: kebab(property), kind: 'number', ...described }
  if (schema.type !== 'string' || schema.enum) return undefined
  if ((schema.maxLength ?? 0) > 100_000) return { property, label: 'file', kind: 'file', ...described }
  return { property, label: property, kind: 'text', ...described }
}

/** What stands behind a verb. */
const wordsOf = (entry: Call | Stream): Pick<CommandSpec, 'positionals' | 'options' | 'onConnection'> => {
  const { properties, required } = InputSchema.parse(z.toJSONSchema(entry.input, { io: 'input' }))
  const positionals: PositionalSpec[] = []
  const options: OptionSpec[] = []
  for (const [property, described] of Object.entries(properties)) {
    const must = required.includes(property)
    const schema = flat(described)
    const place = must ? placeOf(property, schema) : undefined
    // Where something else has a name too, the machine's is called so.
    const label = 'name' in properties ? 'machine' : 'name'
    if (entry.target === 'domain' && property === 'id') positionals.push({ property, label, kind: 'domain' })
    else if (entry.target === 'connection' && property === 'uri')
      positionals.push({ property, label: 'uri', kind: 'connection' })
    // `--connection` chooses what is opened at all, for every command.
    else if (property === 'connection') continue
    else if (place) positionals.push(place)
    else options.push(optionOf(property, schema, must))
  }
  return { positionals, options, onConnection: required.includes('connection') }
}

/** What the command line makes of one entry. Reading a schema takes its time, and of most commands nobody wants to know. */
export const specOf = (room: string, name: string, verb: string, entry: Call | Stream): CommandSpec => {
  let read: ReturnType<typeof wordsOf> | undefined
  const words = () => (read ??= wordsOf(entry))
  return {
    ...{ verb, room, name, entry },
    get positionals() {
      return words().positionals
    },
    get options() {
      return words().options
    },
    get onConnection() {
      return words().onConnection
    },
  }
}

/** Every entry with a verb. */
export const commandSpecs = (contract: Contract): CommandSpec[] =>
  Object.entries(contract).flatMap(([room, entries]) =>
    Object.entries(entries).flatMap(([name, entry]) =>
      entry.kind === 'event' || entry.verb === undefined ? [] : [specOf(room, name, entry.verb, entry)],
    ),
  )

/** The contract's input from what was typed; what is wrong with it is the dispatcher's to say. */
export const inputOf = (
  spec: CommandSpec,
  words: Readonly<Record<string, string>>,
  typed: Readonly<Record<string, unknown>>,
): Record<string, unknown> => {
  const input: Record<string, unknown> = { ...words }
  for (const { property, kind } of spec.positionals) if (kind === 'number') input[property] = asNumber(words[property])
  for (const { property, type } of spec.options) {
    const value = typed[property]
    if (value !== undefined) input[property] = type === 'number' ? asNumber(value) : value
  }
  return input
}

/** What is no number stays as it was typed. */
const asNumber = (value: unknown): unknown => {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN
  return Number.isNaN(number) ? value : number
}

/** Whether a command is about machines or the state of connections, so that these have to be opened. */
export const needsConnections = ({ room, entry, name, positionals }: CommandSpec): boolean =>
  entry.target === 'domain' ||
  positionals.some(({ kind }) => kind === 'domain') ||
  room === 'domain' ||
  room === 'network' ||
  room === 'lxd' ||
  // Machines may need what is to be deleted.
  (room === 'image' && (name === 'delete' || name === 'cleanup' || name === 'users')) ||
  (room === 'connection' && name === 'list')
