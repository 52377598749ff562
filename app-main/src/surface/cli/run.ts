/** The program `vireo`: commands from the contract, and the few that are not calls. */
import { Command, CommanderError, Option } from 'commander'
import { contract, RemoteError } from '../../contract/index.ts'
import { commandSpecs, type CommandSpec, type OptionSpec } from './command-spec.ts'
import { EXIT_CODES } from './exit-code.ts'
import { OWN_COMMANDS, type OwnCommand } from './own-commands.ts'
import type { Parts } from './parts.ts'
import { runCommand, type CommandLine } from './run-command.ts'
import { complain, print } from './terminal.ts'

/** Options that some streams have on the command line only. */
const EXTRA: Readonly<Record<string, (command: Command) => void>> = {
  screenshot: command => void command.option('-o, --output <file>', 'where to write the PNG; - is standard output'),
  undefine: command => void command.option('--yes', 'do not ask'),
  'discard-save': command => void command.option('--yes', 'do not ask'),
  'guest rm': command => void command.option('--yes', 'do not ask'),
  'image delete': command => void command.option('--yes', 'do not ask'),
  'image cleanup': command => void command.option('--yes', 'do not ask'),
  'agent uninstall': command => void command.option('--yes', 'do not ask'),
  'network delete': command => void command.option('--yes', 'do not ask'),
  'lxd restore': command => void command.option('--yes', 'do not ask'),
  'lxd delete-snapshot': command => void command.option('--yes', 'do not ask'),
}
const EPILOGUE: Readonly<Record<string, string>> = {
  console: '\nCtrl+] leaves the console.',
}

const collect = (value: string, previous: readonly string[] | undefined) => [...(previous ?? []), value]

const optionOf = ({ flags, description, choices, required }: OptionSpec): Option => {
  const option = new Option(flags, description)
  if (choices.length > 0) option.choices(choices)
  return option.makeOptionMandatory(required)
}

/** What the first words of several verbs stand for. */
const GROUPS: Readonly<Record<string, string>> = {
  host: 'Tells what this computer can run machines with, and mends it.',
  guest: 'Looks into a running machine and acts there.',
  forward: 'Lets ports of this computer lead into machines.',
  image: 'Gets and keeps the images that machines are made from.',
  agent: 'Installs and removes the Vireo agent.',
  media: 'Changes what lies in the CD drives of machines, and what these start from.',
  network: 'Makes, changes and removes networks of machines.',
  lxd: 'Shows what LXD and Incus have; snapshots, copies and names of their machines.',
}

/** The command of a verb; one of two words stands in a group. */
const commandOf = (program: Command, verb: string): Command => {
  const [first = '', ...rest] = verb.split(' ')
  if (rest.length === 0) return program.command(first)
  const group = program.commands.find(command => command.name() === first)
  return commandOf(group ?? program.command(first).description(GROUPS[first] ?? ''), rest.join(' '))
}

const addCommand = (program: Command, spec: CommandSpec, parts: Parts, finish: (code: number) => void): void => {
  const command = commandOf(program, spec.verb).description(spec.entry.summary)
  for (const { label, kind, description = '' } of spec.positionals) {
    command.argument(`<${label}>`, kind === 'domain' ? 'name, UUID or id of the machine' : description)
  }
  for (const option of spec.options) command.addOption(optionOf(option))
  command.option('-c, --connection <uri>', 'only this connection (may be repeated)', collect)
  if (spec.entry.kind === 'call') command.option('--json', 'print the answer as JSON')
  EXTRA[spec.verb]?.(command)
  if (EPILOGUE[spec.verb]) command.addHelpText('after', EPILOGUE[spec.verb] ?? '')
  command.action(async () => {
    const typed: Record<string, unknown> = command.opts()
    // An option left at its built-in default is the contract's to fill in.
    const given = Object.fromEntries(
      Object.entries(typed).filter(([key]) => command.getOptionValueSource(key) !== 'default'),
    )
    const line: CommandLine = { args: command.args, given, connections: given['connection'] as string[] | undefined }
    finish(await runCommand(spec, line, parts))
  })
}

const addOwn = (program: Command, own: OwnCommand, parts: Parts, finish: (code: number) => void): void => {
  const command = commandOf(program, own.spec.verb).description(own.summary)
  for (const [name, description] of own.arguments) command.argument(name, description)
  for (const option of own.spec.options) {
    const added = optionOf(option)
    command.addOption(option.description.includes('(may be repeated)') ? added.argParser(collect) : added)
  }
  command.option('-c, --connection <uri>', 'only this connection (may be repeated)', collect)
  if (own.help) command.addHelpText('after', own.help)
  if (own.advice) command.showHelpAfterError(own.advice)
  command.action(async () => {
    const run = await own.load()
    finish(await run(command.args, command.opts<Record<string, unknown>>(), parts))
  })
}

const addServe = (program: Command, parts: Parts, finish: (code: number) => void): void => {
  program
    .command('serve')
    .description('Serves Vireo to a browser on this computer and prints its one-time address.')
    .option('-p, --port <number>', 'port to listen on; any free one unless told')
    .option('--host <address>', 'loopback address to listen on')
    .option('--open', 'open it in the default browser')
    .option('--read-only', 'look but change nothing')
    .option('-c, --connection <uri>', 'only this connection (may be repeated)', collect)
    .action(async (options: Record<string, unknown>) => {
      const { serveCommand } = await import('./serve.ts')
      finish(await serveCommand(options, parts))
    })
}

const addCompletion = (program: Command, parts: Parts, finish: (code: number) => void): void => {
  const shell = program.createArgument('<shell>', 'which shell').choices(['bash', 'zsh', 'fish'])
  program
    .command('completion')
    .description('Prints the completion script of a shell.')
    .addArgument(shell)
    .action(async (name: string) => {
      const { completionScript } = await import('./completion.ts')
      print(completionScript(name))
      finish(0)
    })
  program
    .command('complete', { hidden: true })
    .argument('[words...]')
    .allowUnknownOption()
    .action(async (words: string[]) => {
      const { complete } = await import('./completion.ts')
      const specs = [...commandSpecs(contract), ...OWN_COMMANDS.map(({ spec }) => spec)]
      const candidates = await complete(specs, words, parts)
      if (candidates.length > 0) print(candidates.join('\n'))
      finish(0)
    })
}

/** `vireo -c URI list` is `vireo list -c URI`, as whoever knows virsh types it. */
const takeConnections = (program: Command, command: Command): void => {
  const { connection: first } = program.opts<{ connection?: string[] }>()
  const { connection: then = [] } = command.opts<{ connection?: string[] }>()
  if (first) command.setOptionValueWithSource('connection', [...first, ...then], 'cli')
}

const firstWord = (verb: string): string | undefined => verb.split(' ')[0]

/** The commands that `args` can be about: all of them, unless the line begins with the name of one. */
export const commandsFor = (args: readonly string[]): { specs: CommandSpec[]; own: readonly OwnCommand[] } => {
  const specs = commandSpecs(contract)
  const begins = (verb: string) => firstWord(verb) === args[0]
  const named = {
    specs: specs.filter(({ verb }) => begins(verb)),
    own: OWN_COMMANDS.filter(({ spec }) => begins(spec.verb)),
  }
  return named.specs.length + named.own.length > 0 ? named : { specs, own: OWN_COMMANDS }
}

const createProgram = (args: readonly string[], parts: Parts, finish: (code: number) => void): Command => {
  const program = new Command('vireo')
    .description('Virtual machines on this computer and elsewhere.')
    .version(parts.version)
    .exitOverride()
    .showHelpAfterError('Try --help.')
    .option('-c, --connection <uri>', 'only this connection (may be repeated)', collect)
    .enablePositionalOptions()
    .hook('preAction', takeConnections)
  const { specs, own } = commandsFor(args)
  for (const spec of specs) addCommand(program, spec, parts, finish)
  for (const one of own) addOwn(program, one, parts, finish)
  addServe(program, parts, finish)
  addCompletion(program, parts, finish)
  return program
}

/** Runs one command line and gives the exit code. */
export const runCli = async (args: readonly string[], parts: Parts): Promise<number> => {
  let code = 0
  try {
    await createProgram(args, parts, given => (code = given)).parseAsync(args, { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_CODES['invalid-input']
    if (!(error instanceof RemoteError)) throw error
    complain(error.detail)
    return EXIT_CODES[error.detail.kind]
  }
}
