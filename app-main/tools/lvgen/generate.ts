import { emitEvent, emitProcedure, exportName, isEvent, procedures, shortName } from './emit-procedures.ts'
import type { Program } from './emit-procedures.ts'
import { emitStruct } from './emit-types.ts'
import type { Constants } from './expression.ts'
import { parseHeader } from './header-parser.ts'
import type { HeaderConstants } from './header-parser.ts'
import { Layout } from './layout.ts'
import { parseProtocol } from './protocol-parser.ts'
import type { Protocol } from './protocol-parser.ts'

const headers = [
  'libvirt-common.h.in',
  'libvirt-host.h',
  'libvirt-domain.h',
  'libvirt-domain-snapshot.h',
  'libvirt-domain-checkpoint.h',
  'libvirt-event.h',
  'libvirt-interface.h',
  'libvirt-network.h',
  'libvirt-nodedev.h',
  'libvirt-nwfilter.h',
  'libvirt-secret.h',
  'libvirt-storage.h',
  'libvirt-stream.h',
  'libvirt-qemu.h',
  'virterror.h',
]

const runTime = [
  [/\bProcedure</, "import type { Procedure } from '../wire/procedure.ts'"],
  [/\bProtocolEvent</, "import type { ProtocolEvent } from '../wire/procedure.ts'"],
  [/\bXdrError\b/, "import { XdrError } from '../wire/xdr-error.ts'"],
  [/\bXdrReader\b/, "import type { XdrReader } from '../wire/xdr-reader.ts'"],
  [/\bXdrWriter\b/, "import type { XdrWriter } from '../wire/xdr-writer.ts'"],
] as const

/** What the generator reads: the text of a file of libvirt's tree. */
export type ReadSource = (path: string) => string

/** @returns text of each generated file by its name */
export function generate(read: ReadSource): Map<string, string> {
  const version = /version: '([\d.]+)'/.exec(read('meson.build'))?.[1]
  if (version === undefined) throw new Error('meson.build has no version: is this libvirt?')
  const constants: Constants = new Map()
  const layout = new Layout()
  const files = new Map<string, string>()
  const write = (name: string, body: string, imports: readonly string[] = []): void => {
    files.set(name, assemble(version, body, imports))
  }
  write(
    'constants.ts',
    emitHeaders(
      headers.map(name => parseHeader(name, read(`include/libvirt/${name}`), constants)),
      constants,
    ),
  )
  const parse = (path: string): Protocol => {
    const protocol = parseProtocol(path, read(path), constants)
    layout.add(protocol)
    return protocol
  }
  const messages = [parse('src/rpc/virnetprotocol.x'), parse('src/rpc/virkeepaliveprotocol.x')]
  write(
    'net-message.ts',
    messages.map(protocol => `${emitConstants(protocol, constants, true)}\n${emitTypes(protocol, layout)}`).join('\n'),
  )

  const remote = parse('src/remote/remote_protocol.x')
  const main = program('remote', '', constants)
  const remoteTypes = `${emitConstants(remote, constants, false)}\n${emitTypes(remote, layout)}`
  write('remote-types.ts', remoteTypes)
  const [calls, events] = emitProgram(main, remote, layout)
  write('remote-procedures.ts', calls, ['./remote-types.ts', remoteTypes])
  write('remote-events.ts', events, ['./remote-types.ts', remoteTypes])
  for (const name of ['qemu', 'lxc']) {
    const protocol = parse(`src/remote/${name}_protocol.x`)
    const own = [emitConstants(protocol, constants, false), emitTypes(protocol, layout)]
    write(`${name}.ts`, [...own, ...emitProgram(program(name, name, constants), protocol, layout)].join('\n'), [
      './remote-types.ts',
      remoteTypes,
    ])
  }
  return files
}

function program(prefix: string, exportPrefix: string, constants: Constants): Program {
  const value = (name: string): number => Number(constants.get(`${prefix.toUpperCase()}_${name}`))
  return { prefix, exportPrefix, number: value('PROGRAM'), version: value('PROTOCOL_VERSION') }
}

function emitProgram(owner: Program, protocol: Protocol, layout: Layout): [calls: string, events: string] {
  const all = procedures(protocol)
  const events = all.filter(procedure => isEvent(owner, procedure, layout))
  const calls = all.filter(procedure => !events.includes(procedure))
  const list = (name: string, type: string, of: typeof all): string => {
    if (of.length === 0) return ''
    const names = of.map(procedure => `  ${exportName(owner, shortName(owner, procedure))},\n`).join('')
    return `\nexport const ${owner.prefix}${name}: readonly ${type}[] = [\n${names}]\n`
  }
  return [
    calls.map(procedure => `${emitProcedure(owner, procedure, layout)}\n`).join('\n'),
    events.map(procedure => `${emitEvent(owner, procedure)}\n`).join('\n') +
      list('Events', 'ProtocolEvent<unknown>', events),
  ]
}

function emitTypes(protocol: Protocol, layout: Layout): string {
  return protocol.structs.map(struct => emitStruct(struct, layout)).join('\n')
}

function emitConstants(protocol: Protocol, constants: Constants, withProcedures: boolean): string {
  const enums = protocol.enums.filter(({ name }) => withProcedures || !name.endsWith('_procedure'))
  const names = [...protocol.constants, ...enums.flatMap(({ members }) => members.map(({ name }) => name))]
  return names.map(name => constantLine(name, constants)).join('')
}

function emitHeaders(parsed: readonly HeaderConstants[], constants: Constants): string {
  const blocks: string[] = []
  for (const { enums, macros, strings } of parsed) {
    for (const { name, members } of enums) {
      blocks.push(`// ${name}\n${members.map(member => constantLine(member, constants)).join('')}`)
    }
    const lines = [
      ...macros.map(name => constantLine(name, constants)),
      ...strings.map(({ name, value }) => `export const ${name} = '${value}'\n`),
    ]
    if (lines.length > 0) blocks.push(lines.join(''))
  }
  return blocks.join('\n')
}

function constantLine(name: string, constants: Constants): string {
  const value = constants.get(name)
  if (value === undefined) throw new Error(`${name} has no value`)
  return `export const ${name} = ${Number.isSafeInteger(Number(value)) ? value : `${value}n`}\n`
}

/** @param imports a module of this folder and its text, of which the names used are imported */
function assemble(version: string, body: string, imports: readonly string[]): string {
  const lines: string[] = runTime.filter(([use]) => use.test(body)).map(([, line]) => line)
  const checks = ['anyBoolean', 'anyInteger', 'anyNumber', 'anyString'].filter(name => body.includes(`${name}(`))
  if (checks.length > 0) lines.push(`import { ${checks.join(', ')} } from '../wire/typed-value.ts'`)
  const [from, text] = imports
  if (from !== undefined && text !== undefined) {
    const used = new Set(body.match(/\b\w+\b/g))
    const pick = (declared: RegExp): string[] =>
      [...text.matchAll(declared)].map(match => match[1]!).filter(name => used.has(name))
    const functions = pick(/^export function (\w+)/gm)
    const types = pick(/^export interface (\w+)/gm)
    if (functions.length > 0) lines.push(`import {\n  ${functions.join(',\n  ')},\n} from '${from}'`)
    if (types.length > 0) lines.push(`import type {\n  ${types.join(',\n  ')},\n} from '${from}'`)
  }
  return [
    `// Generated by lvgen from libvirt ${version}; do not edit.`,
    '// Regenerate: node app-main/tools/lvgen/main.ts --source <libvirt source tree>',
    ...lines,
    '',
    body,
  ].join('\n')
}
