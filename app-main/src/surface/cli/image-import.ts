/** Imports a file, or the disk of a machine. */
import { resolve } from 'node:path'
import { RemoteError } from '../../contract/index.ts'
import type { CommandSpec } from './command-spec.ts'
import { FILE_IMPORT, MACHINE_IMPORT } from './image-commands.ts'
import type { Parts } from './parts.ts'
import { runCommand, type CommandLine } from './run-command.ts'

const isText = (value: unknown): value is string => typeof value === 'string'

/** Throws `invalid-input` for words that make no sense together. */
export const importLine = (
  [file]: readonly string[],
  options: Readonly<Record<string, unknown>>,
): { readonly spec: CommandSpec; readonly line: CommandLine } => {
  const typed = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  const { machine, connection, ...given } = typed
  const connections = Array.isArray(connection) ? connection.filter(isText) : undefined
  const wrong = (message: string) =>
    new RemoteError({ kind: 'invalid-input', message, hint: 'Give a file, or --machine NAME.' })
  if (isText(machine)) {
    if (file !== undefined) throw wrong('Either a file or a machine is imported, not both.')
    if ('raw' in given) throw wrong('What a machine’s disk is stands in its definition: --raw is for files.')
    return { spec: MACHINE_IMPORT, line: { args: [machine], given, connections } }
  }
  if (file === undefined) throw wrong('There is nothing to import.')
  if ('disk' in given) throw wrong('--disk is for machines; a file is one disk.')
  return { spec: FILE_IMPORT, line: { args: [resolve(file)], given, connections: [] } }
}

export const importCommand = async (
  words: readonly string[],
  options: Readonly<Record<string, unknown>>,
  parts: Parts,
): Promise<number> => {
  const { spec, line } = importLine(words, options)
  return runCommand(spec, line, parts)
}
