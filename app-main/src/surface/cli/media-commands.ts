/** A medium is named from the folder one stands in; the contract wants to know where it really is. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { contract } from '../../contract/index.ts'
import { specOf, type CommandSpec } from './command-spec.ts'
import type { OwnCommand } from './own-commands.ts'

const INSERT: CommandSpec = specOf('media', 'insert', 'media insert', contract.media.insert)

export const MEDIA_COMMANDS: readonly OwnCommand[] = [
  {
    spec: {
      ...INSERT,
      options: [
        ...INSERT.options,
        {
          ...{ property: 'json', flags: '--json', description: 'print the task as JSON', type: 'boolean' },
          ...{ choices: [], required: false },
        },
      ],
    },
    summary: contract.media.insert.summary,
    arguments: [
      ['<name>', 'name, UUID or id of the machine'],
      ['<source>', 'an ISO, or one of the catalogue, such as debian-13:iso'],
    ],
    load: async () => {
      const { runCommand } = await import('./run-command.ts')
      return async ([name = '', source = ''], given, parts) => {
        const typed = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
        const found = source.includes('/') || existsSync(source) ? resolve(source) : source
        const connections = given['connection'] as readonly string[] | undefined
        return runCommand(INSERT, { args: [name, found], given: typed, connections }, parts)
      }
    },
  },
]
