/** Actions on the hypervisors of this computer: shown first, run as tasks, looked at again afterwards. */
import {
  RemoteError,
  type HostAction,
  type HostLog,
  type HostPlan,
  type HypervisorName,
  type TaskId,
  type TaskRef,
} from '../../contract/index.ts'
import { lineOf, type Step } from '../../host/action/command.ts'
import { elevationFor, noElevation, troubleOf, type Elevation } from '../../host/action/elevation.ts'
import { planAction, type ActionPlan } from '../../host/action/plan.ts'
import { runScript } from '../../host/action/run-script.ts'
import type { HostFacts } from '../../host/facts/read-all.ts'
import type { Detector } from '../../host/detector.ts'
import type { Machine } from '../../host/machine.ts'
import type { TaskRegistry } from '../task/task-registry.ts'

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

/** Lines kept of one action. */
const KEPT = 500
/** Lines are news at most this often, milliseconds. */
const NEWS_MS = 100

const NAMES = { kvm: 'KVM', lxd: 'LXD', virtualbox: 'VirtualBox', podman: 'Podman', docker: 'Docker' } as const

interface Ready {
  readonly plan: ActionPlan
  readonly elevation: Elevation | undefined
}

export class HostActions {
  readonly #options: HostActionsOptions
  readonly #logs = new Map<HypervisorName, HostLog>()
  /** The way back from what this process did. */
  readonly #undo = new Map<string, readonly Step[]>()

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
        await this.#run({ hypervisor, action, id: ref.taskId, lines, elevation, signal, progress })
        if (undo) this.#undo.delete(key)
        else if (plan.undo.length > 0) this.#undo.set(key, plan.undo)
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
    const plan = undo ? this.#undoOf(hypervisor, action) : await this.#planOf(facts, hypervisor, action)
    const [pkexec, sudo] = await Promise.all([machine.commands.find('pkexec'), machine.commands.find('sudo')])
    const elevation = elevationFor({ uid: facts.user.uid, needed: plan.root, terminal: terminal(), pkexec, sudo })
    return { plan, elevation }
  }

  async #planOf(facts: HostFacts, hypervisor: HypervisorName, action: HostAction): Promise<ActionPlan> {
    const planned = await planAction(this.#options.machine, facts, hypervisor, action)
    if ('refusal' in planned) throw new RemoteError(planned.refusal)
    return planned
  }

  #undoOf(hypervisor: HypervisorName, action: HostAction): ActionPlan {
    const steps = this.#undo.get(`${hypervisor}.${action}`)
    if (steps) return { steps, undo: [], notes: [], root: true }
    throw new RemoteError({ kind: 'precondition', message: 'There is nothing that this Vireo could take back.' })
  }

  async #run(run: {
    readonly hypervisor: HypervisorName
    readonly action: HostAction
    readonly id: TaskId
    readonly lines: readonly string[]
    readonly elevation: Elevation
    readonly signal: AbortSignal
    readonly progress: (step: string) => void
  }): Promise<void> {
    const { hypervisor, action, id, lines, elevation, signal, progress } = run
    const written: string[] = []
    let told = 0
    let dropped = 0
    const tell = (state: HostLog['state']) => {
      told = Date.now()
      const log: HostLog = { taskId: id, hypervisor, action, state, lines: [...written], dropped }
      this.#logs.set(hypervisor, log)
      this.#options.publish(log)
    }
    const onLine = (line: string) => {
      written.push(line)
      if (written.length > KEPT) {
        written.shift()
        dropped++
      }
      if (line.trim() !== '') progress(line.slice(0, 200))
      if (Date.now() - told > NEWS_MS) tell('running')
    }
    tell('running')
    let end: HostLog['state'] = 'failed'
    try {
      const code = await runScript(lines, { elevation, signal, onLine }).catch((error: unknown) => {
        throw new RemoteError({ kind: 'unsupported', message: `The commands could not be started: ${String(error)}` })
      })
      signal.throwIfAborted()
      const trouble = troubleOf(code, elevation.kind, written)
      if (trouble) throw trouble
      end = 'done'
    } catch (error) {
      if (signal.aborted || (error instanceof RemoteError && error.detail.kind === 'cancelled')) end = 'cancelled'
      throw error
    } finally {
      tell(end)
      // However it ended: half an installation changes the card as well.
      await this.#options.detector.refresh()
    }
  }
}
