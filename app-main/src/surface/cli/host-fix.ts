/** `vireo host fix`: shows the commands, asks, runs them, and tells what they write. */
import { RemoteError, type HostLog, type HostPlan } from '../../contract/index.ts'
import { EXIT_CODES } from './exit-code.ts'
import { planText } from './host-output.ts'
import type { Parts } from './parts.ts'
import { Session } from './session.ts'
import { complain, confirmed, note, print } from './terminal.ts'
import { json, printable } from './text.ts'

const agreed = async (plan: HostPlan, options: Readonly<Record<string, unknown>>): Promise<void> => {
  note(planText(plan))
  if (options['yes'] === true) return
  if (!process.stdin.isTTY)
    throw new RemoteError({
      kind: 'invalid-input',
      message: 'Nobody is there to agree to these commands.',
      hint: 'Give --yes to run them all the same.',
    })
  if (!(await confirmed('Run them?'))) throw new RemoteError({ kind: 'cancelled', message: 'Nothing was changed.' })
}

export const hostFixCommand = async (
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
  parts: Parts,
): Promise<number> => {
  const backend = await parts.createBackend({ connections: [] })
  const session = new Session(backend, true)
  let shown = 0
  const listening = backend.onEvent(({ room, name, payload }) => {
    if (room !== 'host' || name !== 'logged') return
    const { lines, dropped } = payload as HostLog
    for (const line of lines.slice(Math.max(0, shown - dropped))) note(printable(line))
    shown = dropped + lines.length
  })
  try {
    const wanted = { hypervisor: options['hypervisor'], action: options['action'] }
    const plan = (await session.call('host', 'plan', wanted)) as HostPlan
    if (plan.refusal) throw new RemoteError(plan.refusal)
    await agreed(plan, options)
    const task = await session.task('host', 'apply', { ...wanted, commands: plan.commands })
    if (options['json'] === true) print(json(task))
    if (task.state === 'done') return 0
    const error = task.error ?? { kind: 'cancelled' as const, message: 'Cancelled.' }
    complain(error)
    return EXIT_CODES[error.kind]
  } finally {
    listening.dispose()
    session.dispose()
  }
}
