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
  /** `file`: the value is the content of the file named, `-` is standard input. */
  readonly kind: 'domain' | 'connection' | 'text' | 'file'
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

const InputSchema = z.object({
  properties: z
    .record(
      z.string(),
      z.object({
        type: z.string().optional(),
        description: z.string().optional(),
        enum: z.array(z.string()).optional(),
        maxLength: z.number().optional(),
        default: z.unknown().optional(),
      }),
    )
    .default({}),
  required: z.array(z.string()).default([]),
})
type Property = z.infer<typeof InputSchema>['properties'][string]

const kebab = (property: string) => property.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)

const optionOf = (property: string, schema: Property, required: boolean): OptionSpec => {
  const name = kebab(property)
  const numeric = schema.type === 'integer' || schema.type === 'number'
  const type = schema.type === 'boolean' ? 'boolean' : numeric ? 'number' : 'text'
  const value = schema.enum ? name : type
  const flags = type !== 'boolean' ? `--${name} <${value}>` : schema.default === true ? `--no-${name}` : `--${name}`
  const negative = type === 'boolean' && schema.default === true ? 'not: ' : ''
  const shown =
    type !== 'boolean' && schema.default !== undefined
      ? ` (default: ${JSON.stringify(schema.default).replaceAll('"', '')})`
      : ''
  const description = `${negative}${schema.description ?? ''}${shown}`
  return { property, flags, description, type, choices: schema.enum ?? [], required }
}

/** Nobody types documents. */
const textOf = (property: string, { maxLength = 0 }: Property): PositionalSpec =>
  maxLength > 100_000 ? { property, label: 'file', kind: 'file' } : { property, label: property, kind: 'text' }

const specOf = (room: string, name: string, verb: string, entry: Call | Stream): CommandSpec => {
  const { properties, required } = InputSchema.parse(z.toJSONSchema(entry.input, { io: 'input' }))
  const positionals: PositionalSpec[] = []
  const options: OptionSpec[] = []
  for (const [property, schema] of Object.entries(properties)) {
    const must = required.includes(property)
    if (entry.target === 'domain' && property === 'id') positionals.push({ property, label: 'name', kind: 'domain' })
    else if (entry.target === 'connection' && property === 'uri')
      positionals.push({ property, label: 'uri', kind: 'connection' })
    // `--connection` chooses what is opened at all, for every command.
    else if (property === 'connection') continue
    else if (must && schema.type === 'string' && !schema.enum) positionals.push(textOf(property, schema))
    else options.push(optionOf(property, schema, must))
  }
  const onConnection = required.includes('connection')
  return { verb, room, name, entry, positionals, options, onConnection }
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
  positionals: Readonly<Record<string, string>>,
  typed: Readonly<Record<string, unknown>>,
): Record<string, unknown> => {
  const input: Record<string, unknown> = { ...positionals }
  for (const { property, type } of spec.options) {
    const value = typed[property]
    if (value === undefined) continue
    const number = type === 'number' && typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN
    input[property] = Number.isNaN(number) ? value : number
  }
  return input
}

/** Whether a command is about machines or the state of connections, so that these have to be opened. */
export const needsConnections = ({ room, entry, name }: CommandSpec): boolean =>
  entry.target === 'domain' || room === 'domain' || (room === 'connection' && name === 'list')
