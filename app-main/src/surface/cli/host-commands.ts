/** Mending this computer is more than one call: the commands are shown before they run. */
import { contract, HostAction, HypervisorName } from '../../contract/index.ts'
import type { OptionSpec } from './command-spec.ts'
import type { OwnCommand } from './own-commands.ts'

const choice = (property: string, description: string, choices: readonly string[]): OptionSpec => ({
  ...{ property, flags: `--${property} <${property}>`, description, type: 'text', choices, required: true },
})
const flag = (property: string, description: string): OptionSpec => ({
  ...{ property, flags: `--${property}`, description, type: 'boolean', choices: [], required: false },
})

export const HOST_COMMANDS: readonly OwnCommand[] = [
  {
    spec: {
      ...{
        verb: 'host fix',
        room: 'host',
        name: 'apply',
        entry: contract.host.apply,
        onConnection: false,
        positionals: [],
      },
      options: [
        choice('hypervisor', 'which hypervisor', HypervisorName.options),
        choice('action', 'what to do', HostAction.options),
        flag('yes', 'do not ask'),
        flag('json', 'print the task as JSON'),
      ],
    },
    summary: 'Shows the commands of an action, asks, and runs them with administrator rights.',
    arguments: [],
    load: async () => (await import('./host-fix.ts')).hostFixCommand,
  },
]
