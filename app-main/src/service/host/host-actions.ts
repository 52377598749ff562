/** Actions on the hypervisors of this computer: shown first, run as tasks, looked at again afterwards. */
import {
  RemoteError,
  type HostAction,
  type HostLog,
  type HostPlan,
  type HypervisorName,
  type TaskRef,
} from '../../contract/index.ts'
import { lineOf } from '../../host/action/command.ts'
import { elevationFor, noElevation, troubleOf, type Elevation } from '../../host/action/elevation.ts'
import { planAction } from '../../host/action/plan.ts'
import type { ActionPlan } from '../../host/action/planned.ts'
import { runScript } from '../../host/action/run-script.ts'
import { undoRefusal } from '../../host/action/undo.ts'
import type { HostFacts } from '../../host/facts/read-all.ts'
import type { Detector } from '../../host/detector.ts'
import type { Machine } from '../../host/machine.ts'
import type { TaskRegistry } from '../task/task-registry.ts'
import { ActionLog } from './action-log.ts'

export interface HostActionsOptions {
  readonly machine: Machine
  readonly detector: Detector
  readonly tasks: TaskRegistry
  readonly publish: (log: HostLog) => void
  /** Whether a person sits at this process's terminal. */
  readonly terminal: () => boolean
}

export interface Apply {
  readonly hypervisor: HypervisorName
  readonly action: HostAction
  readonly undo: boolean
  readonly commands: readonly string[]
}

const NAMES = { kvm: 'KVM', lxd: 'LXD', virtualbox: 'VirtualBox', podman: 'Podman', docker: 'Docker' } as const

interface Ready {
  readonly plan: ActionPlan
  readonly elevation: Elevation | undefined
}

const SUDO_MS = 3000

const hasDesktop = ({ environment }: Machine): boolean =>
  Boolean(environment['DISPLAY']) || Boolean(environment['WAYLAND_DISPLAY'])

const needsNoPassword = async ({ commands }: Machine, sudo: string): Promise<boolean> =>
  (await commands.run(sudo, ['-n', 'true'], SUDO_MS))?.code === 0

export class HostActions {
  readonly #options: HostActionsOptions
  readonly #logs = new Map<HypervisorName, HostLog>()
  /** The way back from what this process did. */
  readonly #undo = new Map<string, Pick<ActionPlan, 'steps' | 'root'>>()

  constructor(options: HostActionsOptions) {
    this.#options = options
  }

  async plan(hypervisor: HypervisorName, action: HostAction, undo: boolean): Promise<HostPlan> {
    const about = { hypervisor, action, undo, commands: [], undo_commands: [], notes: [], elevation: 'none' } as const
    try {
      const { plan, elevation } = await this.#ready(hypervisor, action, undo)
      const commands = plan.steps.map(lineOf)
      const shown = { commands, undo_commands: plan.undo.map(lineOf), notes: [...plan.notes] }
      if (!elevation) return { ...about, ...shown, refusal: noElevation(commands) }
      return { ...about, ...shown, elevation: elevation.kind, refusal: null }
    } catch (error) {
      if (error instanceof RemoteError)
        return { ...about, commands: [], undo_commands: [], notes: [], refusal: error.detail }
      throw error
    }
  }

  /** Throws `precondition` when the commands are not those of the plan any more. */
  async apply({ hypervisor, action, undo, commands }: Apply): Promise<TaskRef> {
    const { plan, elevation } = await this.#ready(hypervisor, action, undo)
    const lines = plan.steps.map(lineOf)
    if (lines.join('\n') !== commands.join('\n'))
      throw new RemoteError({
        kind: 'precondition',
        message: 'This computer has changed since the commands were shown, and others are needed now.',
        hint: 'Look at the commands again.',
      })
    if (!elevation) throw new RemoteError(noElevation(lines))
    const key = `${hypervisor}.${action}`
    const way = plan.undo.map(lineOf)
    const offer = { room: 'host', name: 'apply', input: { hypervisor, action, undo: true, commands: way } }
    const title = undo ? `Undo of “${action}”` : `“${action}”`
    const spec = { room: 'host', name: 'apply', target: `host:${hypervisor}`, targetName: NAMES[hypervisor] }
    const ref = this.#options.tasks.start(
      { ...spec, title, overrides: false, undo: way.length > 0 ? offer : undefined },
      async ({ signal, progress }) => {
        // Begins after this call has answered, so that the task's id is known.
        await Promise.resolve()
        const about = { taskId: ref.taskId, hypervisor, action, undo }
        const done = () => {
          if (undo) this.#undo.delete(key)
          else if (way.length > 0) this.#undo.set(key, { steps: plan.undo, root: plan.root })
          return !undo && way.length > 0
        }
        await this.#run({ about, lines, elevation, signal, progress, done })
      },
    )
    return ref
  }

  log(hypervisor: HypervisorName): HostLog | null {
    return this.#logs.get(hypervisor) ?? null
  }

  async #ready(hypervisor: HypervisorName, action: HostAction, undo: boolean): Promise<Ready> {
    const { machine, detector, terminal } = this.#options
    const facts = await detector.facts()
    const plan = undo ? await this.#undoOf(facts, hypervisor, action) : await this.#planOf(facts, hypervisor, action)
    const [pkexec, sudo] = await Promise.all([machine.commands.find('pkexec'), machine.commands.find('sudo')])
    const { uid } = facts.user
    const ask = { uid, needed: plan.root, terminal: terminal(), pkexec, sudo }
    const choice = plan.root && uid !== 0 && !ask.terminal && sudo !== undefined && pkexec !== undefined
    const silentSudo = choice && !hasDesktop(machine) && (await needsNoPassword(machine, sudo))
    return { plan, elevation: elevationFor({ ...ask, silentSudo }) }
  }

  async #planOf(facts: HostFacts, hypervisor: HypervisorName, action: HostAction): Promise<ActionPlan> {
    const planned = await planAction(this.#options.machine, facts, hypervisor, action)
    if ('refusal' in planned) throw new RemoteError(planned.refusal)
    return planned
  }

  async #undoOf(facts: HostFacts, hypervisor: HypervisorName, action: HostAction): Promise<ActionPlan> {
    const way = this.#undo.get(`${hypervisor}.${action}`)
    const refusal = way ? await undoRefusal(this.#options.machine, facts, action) : null
    if (refusal) throw new RemoteError(refusal)
    if (way) return { ...way, undo: [], notes: [] }
    throw new RemoteError({ kind: 'precondition', message: 'There is nothing that this Vireo could take back.' })
  }

  async #run(run: {
    readonly about: Pick<HostLog, 'taskId' | 'hypervisor' | 'action' | 'undo'>
    readonly lines: readonly string[]
    readonly elevation: Elevation
    readonly signal: AbortSignal
    readonly progress: (step: string) => void
    /** Called when all went well; gives whether it can be taken back. */
    readonly done: () => boolean
  }): Promise<void> {
    const { about, lines, elevation, signal, progress, done } = run
    const log = new ActionLog(about, news => {
      this.#logs.set(about.hypervisor, news)
      this.#options.publish(news)
    })
    const onLine = (line: string) => {
      log.add(line)
      if (line.trim() !== '') progress(line.slice(0, 200))
    }
    let stuck = false
    const onUnstoppable = () => {
      stuck = true
      onLine('Vireo may not end these commands, because they run as root: they go on to their end.')
    }
    try {
      const code = await runScript(lines, { elevation, signal, onLine, onUnstoppable }).catch((error: unknown) => {
        throw new RemoteError({ kind: 'unsupported', message: `The commands could not be started: ${String(error)}` })
      })
      // What ended well is done, and can be taken back, even if somebody gave up meanwhile.
      if (code !== 0 && !stuck) signal.throwIfAborted()
      const trouble = troubleOf(code, elevation.kind, log.lines)
      if (trouble) throw trouble
      log.end('done', null, done())
    } catch (error) {
      const detail = error instanceof RemoteError ? error.detail : null
      if ((signal.aborted && !stuck) || detail?.kind === 'cancelled') log.end('cancelled', null, false)
      else log.end('failed', detail, false)
      throw error
    } finally {
      // However it ended: half an installation changes the card as well.
      await this.#options.detector.refresh({ probe: false })
    }
  }
}
