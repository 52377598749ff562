/** A file is named from the folder one stands in; the contract wants to know where it really is. */
import { resolve } from 'node:path'
import { contract } from '../../contract/index.ts'
import { specOf, type CommandSpec } from './command-spec.ts'
import type { OwnCommand } from './own-commands.ts'

const IMPORT: CommandSpec = specOf('image', 'import', 'image import', contract.image.import)

export const IMAGE_COMMANDS: readonly OwnCommand[] = [
  {
    spec: {
      ...IMPORT,
      options: [
        ...IMPORT.options,
        {
          property: 'json',
          flags: '--json',
          description: 'print the task as JSON',
          type: 'boolean',
          choices: [],
          required: false,
        },
      ],
    },
    summary: contract.image.import.summary,
    arguments: [['<file>', 'disk image (qcow2, raw, VMDK, VDI, VHDX) or ISO']],
    load: async () => {
      const { runCommand } = await import('./run-command.ts')
      return async ([file = ''], given, parts) => {
        const typed = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
        return runCommand(IMPORT, { args: [resolve(file)], given: typed, connections: [] }, parts)
      }
    },
  },
]
