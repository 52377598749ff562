/** Turning the guest off. */
import { vireo } from '../../protocol/index.ts'
import type { Timer } from '../loop.ts'
import { handle, type Method, type MethodContext } from '../method.ts'
import { failedWith } from '../sys.ts'
import { complaintOf } from './programs.ts'
import { initSystem } from './service.ts'

type Mode = vireo.ParamsOf<typeof vireo.systemShutdown>['mode']

/** The answer is on its way to the host in this time. */
const ANSWER_MS = 300
const TOOL_MS = 60_000

type Command = readonly [string, ...string[]]

/** In the order in which they are tried: a guest has some of them. */
export const powerCommands = (mode: Mode, force: boolean, init: string | null): Command[] => {
  // -f leaves init out, in systemd's, sysvinit's and busybox's programs alike.
  if (force) return [[mode, '-f']]
  const flag = { poweroff: '-P', reboot: '-r', halt: '-H' }[mode]
  const plain: Command[] = [[mode], ['shutdown', flag, 'now']]
  if (init === 'systemd') return [['systemctl', '--no-block', mode], ...plain]
  return init === 'openrc'
    ? [['openrc-shutdown', { poweroff: '-p', reboot: '-r', halt: '-H' }[mode], 'now'], ...plain]
    : plain
}

const act = async (context: MethodContext, mode: Mode, force: boolean): Promise<void> => {
  for (const args of powerCommands(mode, force, initSystem(context.sys))) {
    try {
      const end = await context.runner.run({ args, timeout: TOOL_MS })
      if (end.code === 0) return
      context.log.error('cannot turn off', { command: args.join(' '), error: complaintOf(context, end) })
    } catch (error) {
      if (!failedWith(error, 'ENOENT')) context.log.error('cannot turn off', { error: String(error) })
    }
  }
}

/** One shutdown may wait; a new request takes its place. */
class Pending {
  #timer: Timer | null = null

  schedule(context: MethodContext, mode: Mode, seconds: number, force: boolean): number {
    this.#timer?.cancel()
    const wait = Math.max(ANSWER_MS, seconds * 1000)
    this.#timer = context.loop.after(wait, () => void act(context, mode, force))
    return Math.trunc(context.sys.now() + wait)
  }
}

const options = { unprivileged: false, cost: 'command', urgent: true } as const

const seed = (
  pending: Pending,
  declared: typeof vireo.shutdown | typeof vireo.reboot,
  mode: Mode,
  message: string,
): Method =>
  handle(declared, {
    ...options,
    audit: ['timeout_seconds', 'force'],
    run: ({ timeout_seconds, force }, context) => {
      pending.schedule(context, mode, 60 * Math.floor(timeout_seconds / 60), force)
      return { initiated: true as const, message }
    },
  })

export const powerMethods = (): readonly Method[] => {
  const pending = new Pending()
  const shutdown = handle(vireo.systemShutdown, {
    ...options,
    audit: ['mode', 'delay_seconds', 'force'],
    run: ({ mode, delay_seconds, force }, context) => ({
      initiated: true as const,
      at_ms: pending.schedule(context, mode, delay_seconds, force),
    }),
  })
  return [
    seed(pending, vireo.shutdown, 'poweroff', 'Shutdown initiated'),
    seed(pending, vireo.reboot, 'reboot', 'Reboot initiated'),
    shutdown,
  ]
}
