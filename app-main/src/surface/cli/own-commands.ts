/** Commands around a machine's inside that are more than one call of the contract. */
import { contract, ExecMethod, RemoteError } from '../../contract/index.ts'
import type { CommandSpec, OptionSpec } from './command-spec.ts'
import { CREATE_COMMANDS } from './create-commands.ts'
import { FORWARD_COMMANDS } from './forward-commands.ts'
import { HOST_COMMANDS } from './host-commands.ts'
import { IMAGE_COMMANDS } from './image-commands.ts'
import { MEDIA_COMMANDS } from './media-commands.ts'
import type { Parts } from './parts.ts'

/** Runs with what was typed: the words, and the options by camelCase name. Gives the exit code. */
type Run = (words: readonly string[], options: Readonly<Record<string, unknown>>, parts: Parts) => Promise<number>

export interface OwnCommand {
  /** What completion offers. */
  readonly spec: CommandSpec
  readonly summary: string
  readonly arguments: readonly (readonly [string, string])[]
  readonly help?: string
  /** What to say to a line that makes no sense. */
  readonly advice?: string
  readonly load: () => Promise<Run>
}

const option = (flags: string, description: string, choices: readonly string[] = []): OptionSpec => {
  const property = flags.replace(/^.*--(no-)?/, '').replace(/ .*$/, '')
  const type = flags.includes('<') ? 'text' : 'boolean'
  return { property, flags, description, type, choices, required: false }
}

const specOf = (
  verb: string,
  name: 'exec' | 'telemetry' | 'readFile' | 'setPassword' | 'cpus' | 'sshKeys',
  options: readonly OptionSpec[],
): CommandSpec => ({
  ...{ verb, room: 'guest', name, entry: contract.guest[name], options, onConnection: false },
  positionals: [{ property: 'id', label: 'name', kind: 'domain' }],
})

const SSH: CommandSpec = {
  ...{ verb: 'ssh', room: 'ssh', name: 'terminal', entry: contract.ssh.terminal, options: [], onConnection: false },
  positionals: [{ property: 'id', label: 'name', kind: 'domain' }],
}

const JSON_OPTION = option('--json', 'print the answer as JSON')
const METHODS = [...ExecMethod.options, 'auto']

export const OWN_COMMANDS: readonly OwnCommand[] = [
  {
    spec: specOf('exec', 'exec', [
      option('--method <method>', 'the way in (default: auto)', METHODS),
      option('--user <name>', 'who runs it; the agent itself unless told'),
      option('--cwd <folder>', 'where it runs'),
      option('--env <name=value>', 'a variable (may be repeated)'),
      option('--timeout <seconds>', 'kills it after that; a day unless told'),
      option('--shell', 'gives the words to the shell as one line'),
      option('--no-stdin', 'its input is empty; else it is ours, unless that is a terminal'),
      option('--raw', 'lets everything through to a terminal; else only text and colours'),
      option('--login-user <name>', 'who logs in where the serial line asks; the password is asked for'),
      option('--login-password-stdin', 'reads that password from standard input; the command then has none'),
      JSON_OPTION,
    ]),
    summary: 'Runs a command inside a machine.',
    arguments: [
      ['<name>', 'name, UUID or id of the machine'],
      ['<command...>', 'program and arguments; put -- before them'],
    ],
    help: '\nEnds with the exit code of the command; 124 when its time was up. Ctrl+C kills it.',
    advice: 'Try --help. The command stands behind --, as in: vireo exec web-1 -- ls -la',
    load: async () => (await import('./guest-exec.ts')).execCommand,
  },
  {
    spec: SSH,
    summary: 'Opens a shell in a machine over SSH, in this terminal.',
    arguments: [
      ['<name>', 'name, UUID or id of the machine'],
      ['[command...]', 'for the shell there; put -- before it'],
    ],
    help: '\nIts connection stays open for ten minutes: vireo exec --method ssh and the window use it without a password.',
    load: async () => (await import('./ssh.ts')).sshCommand,
  },
  {
    spec: specOf('cp', 'readFile', [
      option('--resume', 'goes on where the same copy was interrupted (the default)'),
      option('--no-resume', 'starts anew'),
      option('--force', 'replaces what is there'),
      option('-r, --recursive', 'folders with what is in them'),
    ]),
    summary: 'Copies files into a machine and out of it.',
    arguments: [
      ['<from>', 'a file here, or NAME:/path in a machine; - is standard input'],
      ['<to>', 'a file or folder here, or NAME:/path in a machine; - is standard output'],
    ],
    help: '\nA file stands under its name whole or not at all. After Ctrl+C the same command goes on where it was.',
    load: async () => (await import('./guest-copy.ts')).copyCommand,
  },
  {
    spec: specOf('guest set-password', 'setPassword', []),
    summary: 'Sets the password of a user inside a machine; it is asked for, or read from standard input.',
    arguments: [
      ['<name>', 'name, UUID or id of the machine'],
      ['<user>', 'whose password'],
    ],
    load: async () => (await import('./guest-password.ts')).setPasswordCommand,
  },
  {
    spec: specOf('guest keys', 'sshKeys', [
      option('--add <key>', 'lets in a key: a .pub file, or the key itself (may be repeated)'),
      option('--remove <key>', 'lets it in no longer (may be repeated)'),
      JSON_OPTION,
    ]),
    summary: 'Lists and changes the SSH keys that a user inside a machine lets in.',
    arguments: [
      ['<name>', 'name, UUID or id of the machine'],
      ['<user>', 'whose keys'],
    ],
    help: '\nqemu-guest-agent does it. A change leaves the keys in their file, and drops remarks between them.',
    load: async () => (await import('./guest-keys.ts')).keysCommand,
  },
  {
    spec: specOf('guest cpus', 'cpus', [
      option('--online <numbers>', 'processors it is to use, for instance 1,4-7'),
      option('--offline <numbers>', 'processors it is to leave alone'),
      JSON_OPTION,
    ]),
    summary: 'Lists the processors that a guest sees, and lets it use them or leave them alone.',
    arguments: [['<name>', 'name, UUID or id of the machine']],
    help: '\nqemu-guest-agent does it. What is changed lasts until the guest starts anew.',
    load: async () => (await import('./guest-cpus.ts')).cpusCommand,
  },
  {
    spec: specOf('guest top', 'telemetry', [
      option('--interval <seconds>', 'between two measurements (default: 2)'),
      JSON_OPTION,
    ]),
    summary: 'Shows what happens inside a machine, live.',
    arguments: [['<name>', 'name, UUID or id of the machine']],
    help: '\nq leaves.',
    load: async () => (await import('./guest-top.ts')).topCommand,
  },
  ...FORWARD_COMMANDS,
  ...HOST_COMMANDS,
  ...IMAGE_COMMANDS,
  ...MEDIA_COMMANDS,
  ...CREATE_COMMANDS,
]

/** A whole number of an option. Throws `invalid-input`. */
export const numberOption = (given: unknown, flag: string, least: number, most: number): number | undefined => {
  if (given === undefined) return undefined
  const number = Number(given)
  if (Number.isInteger(number) && number >= least && number <= most) return number
  throw new RemoteError({ kind: 'invalid-input', message: `${flag}: must be a whole number from ${least} to ${most}.` })
}
