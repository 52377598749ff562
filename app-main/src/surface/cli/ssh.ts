/** `vireo ssh`: this terminal in a machine, by the ssh of this computer and on the connection that everything of Vireo shares. */
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import type { Parts } from './parts.ts'
import { withMachine } from './with-machine.ts'

type Options = Readonly<Record<string, unknown>>

/** As with ssh: a command gets no terminal unless it is told, or ours is not one. */
const terminalFor = (command: readonly string[]): string[] =>
  command.length > 0 && process.stdin.isTTY && process.stdout.isTTY ? ['-t'] : []

/** Its end is ours; keys that interrupt are the guest's meanwhile. */
const runHere = ([program = '', ...args]: readonly string[]): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit' })
    const ignore = () => undefined
    const end = (signal: NodeJS.Signals) => void child.kill(signal)
    process.on('SIGINT', ignore).on('SIGQUIT', ignore).on('SIGTERM', end).on('SIGHUP', end)
    child.once('error', reject)
    child.once('close', (code, signal) => {
      process.off('SIGINT', ignore).off('SIGQUIT', ignore).off('SIGTERM', end).off('SIGHUP', end)
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]))
    })
  })

/** The words of a command are joined by spaces and read by the guest's shell, as ssh does it. */
export const sshCommand = async (words: readonly string[], options: Options, parts: Parts): Promise<number> => {
  const [name = '', ...command] = words
  const connections = options['connection'] as readonly string[] | undefined
  const argv = await withMachine(parts, { name, connections }, async (session, { id }) => {
    const found = await session.known('ssh', 'command', { id })
    return found.argv
  })
  const [program = '', ...args] = argv
  return runHere([program, ...terminalFor(command), ...args, ...command])
}
