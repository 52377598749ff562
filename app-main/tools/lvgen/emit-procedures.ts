import type { Layout } from './layout.ts'
import { camelCase, pascalCase } from './names.ts'
import type { Enumerator, Protocol } from './protocol-parser.ts'

/** One program: `remote` has structures `remote_*`, procedures `REMOTE_PROC_*` and the constant `REMOTE_PROGRAM`. */
export interface Program {
  readonly prefix: string
  /** What exports begin with: nothing for the main program. */
  readonly exportPrefix: string
  readonly number: number
  readonly version: number
}

/** Procedures and events of a protocol; a procedure whose data is a `_msg` is an event. */
export function procedures(protocol: Protocol): readonly Enumerator[] {
  return protocol.enums.filter(({ name }) => name.endsWith('_procedure')).flatMap(({ members }) => members)
}

export function isEvent(program: Program, procedure: Enumerator, layout: Layout): boolean {
  return layout.has(`${program.prefix}_${shortName(program, procedure)}_msg`)
}

export function emitProcedure(program: Program, procedure: Enumerator, layout: Layout): string {
  const name = shortName(program, procedure)
  const args = `${program.prefix}_${name}_args`
  const ret = `${program.prefix}_${name}_ret`
  const argsName = layout.has(args) ? pascalCase(args) : undefined
  const retName = layout.has(ret) ? pascalCase(ret) : undefined
  const stream = /@(readstream|writestream):/.exec(procedure.doc)?.[1]
  const lines = [
    `export const ${exportName(program, name)}: Procedure<${argsName ?? 'undefined'}, ${retName ?? 'undefined'}> = {`,
    `  name: '${name}', program: 0x${program.number.toString(16)}, version: ${program.version}, number: ${procedure.value},`,
    `  priority: ${/@priority:\s*high/.test(procedure.doc)},`,
    ...(stream === undefined ? [] : [`  stream: '${stream}',`]),
    `  encode: ${argsName === undefined ? '() => {}' : `encode${argsName}`},`,
    `  decode: ${retName === undefined ? '() => undefined' : `decode${retName}`},`,
    '}',
  ]
  return lines.join('\n')
}

export function emitEvent(program: Program, procedure: Enumerator): string {
  const name = shortName(program, procedure)
  const payload = pascalCase(`${program.prefix}_${name}_msg`)
  return [
    `export const ${exportName(program, name)}: ProtocolEvent<${payload}> = {`,
    `  name: '${name}', program: 0x${program.number.toString(16)}, number: ${procedure.value}, decode: decode${payload},`,
    '}',
  ].join('\n')
}

export function exportName(program: Program, name: string): string {
  return camelCase(program.exportPrefix === '' ? name : `${program.exportPrefix}_${name}`)
}

export function shortName(program: Program, procedure: Enumerator): string {
  return procedure.name.slice(`${program.prefix}_PROC_`.length).toLowerCase()
}
