/** A file is named from the folder one stands in; the contract wants to know where it really is. */
import { contract } from '../../contract/index.ts'
import { specOf, type CommandSpec } from './command-spec.ts'
import type { OwnCommand } from './own-commands.ts'

const IMPORT: CommandSpec = specOf('image', 'import', 'image import', contract.image.import)
const optionsWithout = (...names: readonly string[]) =>
  IMPORT.options.filter(({ property }) => !names.includes(property))

/** What becomes of the words: a file, or a machine found by its name. */
export const FILE_IMPORT: CommandSpec = {
  ...IMPORT,
  positionals: [{ property: 'path', label: 'file', kind: 'text' }],
  options: optionsWithout('path', 'machine', 'disk'),
}
export const MACHINE_IMPORT: CommandSpec = {
  ...IMPORT,
  positionals: [{ property: 'machine', label: 'machine', kind: 'domain' }],
  options: optionsWithout('path', 'machine', 'raw'),
}

export const IMAGE_COMMANDS: readonly OwnCommand[] = [
  {
    spec: {
      ...IMPORT,
      options: [
        {
          property: 'machine',
          flags: '--machine <name>',
          description: 'takes the disk of this machine, which must be off, instead of a file',
          type: 'text',
          choices: [],
          required: false,
        },
        ...optionsWithout('path', 'machine'),
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
    arguments: [['[file]', 'disk image (qcow2, raw, VMDK, VDI, VHDX) or ISO']],
    advice: 'Try --help. Give a file, or --machine NAME for the disk of a machine that is off.',
    load: async () => (await import('./image-import.ts')).importCommand,
  },
]
