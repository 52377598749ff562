/** A new machine's draft, from a file and the command line. What is wrong with its values is the contract's to say. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseDocument } from 'yaml'
import { RemoteError } from '../../contract/index.ts'

type Options = Readonly<Record<string, unknown>>
type Draft = Record<string, unknown>

const invalid = (message: string, issues: string[] = []): RemoteError =>
  new RemoteError({ kind: 'invalid-input', message, ...(issues.length > 0 ? { issues } : {}) })

const MOST_FILE = 1024 * 1024

export const readText = async (file: string): Promise<string> => {
  try {
    const text = await readFile(file === '-' ? '/dev/stdin' : file, 'utf8')
    if (text.length > MOST_FILE) throw new Error('it is too long')
    return text
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new RemoteError({ kind: 'invalid-input', message: `${file} cannot be read: ${why}` }, { cause: error })
  }
}

/** The fields of a file. Throws `invalid-input` with the line of what is wrong. */
export const draftInFile = (text: string, file: string): Draft => {
  const document = parseDocument(text, { uniqueKeys: true })
  const issues = document.errors.slice(0, 5).map(({ message }) => message.split('\n')[0] ?? '')
  if (issues.length > 0) throw invalid(`${file} is not valid YAML: ${issues[0]}`, issues)
  let value: unknown
  try {
    value = document.toJS({ maxAliasCount: 100 })
  } catch (error) {
    throw invalid(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(`${file} must hold names and values, such as “source: debian-12”.`)
  const fields: Draft = { ...value }
  if ('password' in fields)
    throw new RemoteError({
      kind: 'invalid-input',
      message: `${file} holds a password in plain text, where others may read it.`,
      hint: 'Give --password, or passwordHash with what “openssl passwd -6” prints.',
    })
  return fields
}

const listOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : [])

/** `user`, `bridge=br0`, `network=lab,address=10.0.0.5/24,dns=10.0.0.1`; a bare name is a network. */
export const parseNetwork = (text: string): Draft => {
  const [first = '', ...rest] = text.split(',')
  const [type = '', source] = first.split('=')
  const known = ['auto', 'user', 'network', 'bridge', 'macvtap'].includes(type)
  const nic: Draft = known ? { type, ...(source === undefined ? {} : { source }) } : { type: 'network', source: first }
  const names: string[] = []
  for (const part of rest) {
    const at = part.indexOf('=')
    const [key, value] = [part.slice(0, at), part.slice(at + 1)]
    if (key === 'dns') names.push(value)
    else if (key === 'address' || key === 'gateway' || key === 'mac') nic[key] = value
    else throw invalid(`--network: “${part}” is not understood; there are address, gateway, mac and dns.`)
  }
  return names.length > 0 ? { ...nic, nameServers: names } : nic
}

export const parseForward = (text: string): Draft => {
  const match = /^(\d{1,5}):(\d{1,5})(?:\/(tcp|udp))?$/.exec(text)
  if (!match) throw invalid(`--forward: “${text}” is not HOST:GUEST, as in 2222:22.`)
  return { host: Number(match[1]), guest: Number(match[2]), protocol: match[3] ?? 'tcp' }
}

/** Forwards are the first card's, of the line or else of the file. */
const networksOf = (options: Options, inFile: unknown): readonly unknown[] | undefined => {
  if (options['networks'] === false) return []
  const given = listOf(options['network']).map(parseNetwork)
  const forwards = listOf(options['forward']).map(parseForward)
  if (forwards.length === 0) return given.length > 0 ? given : undefined
  const [first, ...rest]: readonly unknown[] = given.length > 0 || !Array.isArray(inFile) ? given : inFile
  // What is no card is the contract's to refuse.
  if (first !== undefined && (typeof first !== 'object' || first === null)) return [first, ...rest]
  const before: unknown = first && 'forwards' in first ? first.forwards : []
  return [{ ...first, forwards: [...(Array.isArray(before) ? before : []), ...forwards] }, ...rest]
}

/** What a file is, is taken as its path; the rest may be a system of the catalogue. */
const sourceOf = (source: string): string => (source.includes('/') || existsSync(source) ? resolve(source) : source)

/** A key, or the file of one. */
const keyOf = async (given: string): Promise<string> => {
  if (/^[a-z0-9@.-]+ AAAA/.test(given.trim())) return given.trim()
  const text = await readText(given)
  if (/PRIVATE KEY/.test(text)) throw invalid(`${given} is a private key; give the .pub file beside it.`)
  return text.trim()
}

const simple = (options: Options, inFile: Draft): Draft => {
  const cpus = options['cpus']
  const pairs: readonly (readonly [string, unknown])[] = [
    ['name', options['name']],
    ['hostname', options['hostname']],
    ['user', options['user'] === false ? null : options['user'] === true ? undefined : options['user']],
    ['cpus', cpus === undefined ? undefined : Number(cpus)],
    ['memory', options['memory']],
    ['disk', options['disk']],
    ['bus', options['bus']],
    ['pool', options['pool']],
    ['folder', typeof options['folder'] === 'string' ? resolve(options['folder']) : undefined],
    ['firmware', options['firmware']],
    ['accelerator', options['accelerator']],
    ['notes', options['notes']],
    ['mirror', options['mirror']],
    ['networks', networksOf(options, inFile['networks'])],
    ...(['tpm', 'desktop', 'autostart', 'unattended'] as const).map(
      key => [key, options[key] === true ? true : undefined] as const,
    ),
    ...(['discard', 'cloudInit', 'qemuAgent', 'start'] as const).map(
      key => [key, options[key] === false ? false : undefined] as const,
    ),
    ['vireoAgent', options['vireoAgent']],
  ]
  return Object.fromEntries(pairs.filter(([, value]) => value !== undefined))
}

/** What was typed counts more than the file; lists are joined, the file's first. */
export const draftOf = async (source: string | undefined, options: Options): Promise<Draft> => {
  const file = options['file']
  const draft: Draft = typeof file === 'string' ? draftInFile(await readText(file), file) : {}
  Object.assign(draft, simple(options, draft))
  const append = (key: string, values: readonly unknown[]) => {
    const before: unknown = draft[key]
    if (values.length > 0) draft[key] = [...(Array.isArray(before) ? before : []), ...values]
  }
  const bus = options['bus'] === undefined ? {} : { bus: options['bus'] }
  append(
    'disks',
    listOf(options['moreDisk']).map(size => ({ size, ...bus })),
  )
  append('packages', listOf(options['package']))
  append('runcmd', listOf(options['run']))
  append('tags', listOf(options['tag']))
  append('sshKeys', await Promise.all(listOf(options['sshKey']).map(keyOf)))
  if (options['sshKeys'] === false) draft['sshKeys'] = []
  if (typeof options['userData'] === 'string') draft['userData'] = await readText(options['userData'])
  const from = source ?? draft['source']
  if (typeof from === 'string') draft['source'] = sourceOf(from)
  if (draft['source'] === undefined)
    throw invalid('Say what to start from: a disk image, an installation ISO, or a system of the catalogue.')
  if (draft['name'] === undefined) throw invalid('Give the machine a name: --name web')
  return draft
}
