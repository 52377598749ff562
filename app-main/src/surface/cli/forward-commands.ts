/** Forwarding lasts as long as somebody runs, which no call does. */
import { contract } from '../../contract/index.ts'
import type { OwnCommand } from './own-commands.ts'

export const FORWARD_COMMANDS: readonly OwnCommand[] = [
  {
    spec: {
      ...{ verb: 'forward run', room: 'forward', name: 'list', entry: contract.forward.list, onConnection: false },
      ...{ positionals: [], options: [] },
    },
    summary: 'Forwards until Ctrl+C, where neither a window nor vireo serve does.',
    arguments: [],
    load: async () => (await import('./forward-run.ts')).forwardRunCommand,
  },
]
