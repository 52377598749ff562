/** Waits for a new machine's first start, stage by stage, and says what keeps it. */
import { setTimeout as sleep } from 'node:timers/promises'
import {
  RemoteError,
  type BootPhase,
  type BootStage,
  type BootStep,
  type DomainState,
  type FirstBoot,
} from '../../contract/index.ts'
import type { CloudInitStatus } from '../../cloud-init/index.ts'
import type { Operation } from '../../hypervisor/driver.ts'
import type { SshPlace } from '../ssh/ssh-targets.ts'

/** What can be looked at meanwhile. Every look may fail, which only means that nothing is known yet. */
export interface BootView {
  /** Null: there is no such machine any more. */
  state(signal: AbortSignal): Promise<DomainState | null>
  address(signal: AbortSignal): Promise<SshPlace>
  /** Who answers in it; null: nobody yet. */
  agent(signal: AbortSignal): Promise<string | null>
  /** Null: the agent that answers does not show files. */
  cloudInit(signal: AbortSignal): Promise<CloudInitStatus | null>
  ssh(host: string, port: number, signal: AbortSignal): Promise<boolean>
  /** What its serial line told until now; listens to it from the first time on. */
  phase(signal: AbortSignal): BootPhase | null
  /** Lets the serial line go; `phase` stays what it is. */
  leaveLine(): void
}

/** What there is to wait for; a text says why there is nothing. */
export interface BootExpectation {
  readonly name: string
  readonly user: string | null
  readonly skipped: Readonly<Partial<Record<BootStage, string>>>
  /** Where its SSH server is to be found when not at an address of its own. */
  readonly forward: { readonly host: string; readonly port: number } | null
  /** What cloud-init was told to set. */
  readonly fixedAddress: string | null
  /** Somebody else gives it its address, which perhaps only the machine itself can tell. */
  readonly bridged: boolean
  /** Without KVM everything takes its time. */
  readonly accelerated: boolean
}

export interface BootPatience {
  readonly pauseMs: number
  /** How long each stage may take from when it can begin, milliseconds. */
  readonly stageMs: Readonly<Record<BootStage, number>>
  /** How long an agent may answer without cloud-init having left a trace. */
  readonly traceMs: number
}

const STAGES: readonly BootStage[] = ['running', 'address', 'agent', 'cloud-init', 'ssh']
const MINUTE = 60_000
const SSH_PORT = 22

export const usualPatience = (accelerated: boolean): BootPatience => {
  const slowness = accelerated ? 1 : 4
  const minutes = { running: 1, address: 5, agent: 10, 'cloud-init': 30, ssh: 3 }
  const stageMs = (stage: BootStage) => minutes[stage] * MINUTE * slowness
  return {
    pauseMs: 1000 * (accelerated ? 1 : 2),
    traceMs: MINUTE * slowness,
    stageMs: {
      ...{ running: stageMs('running'), address: stageMs('address'), agent: stageMs('agent') },
      ...{ 'cloud-init': stageMs('cloud-init'), ssh: stageMs('ssh') },
    },
  }
}

/** Before anything was looked at. */
export const expectedSteps = ({ skipped }: BootExpectation): BootStep[] =>
  STAGES.map(stage => ({ stage, state: skipped[stage] ? 'skipped' : 'waiting', detail: skipped[stage] ?? null }))

/** What stands for the command in a shell; nothing in it needs quotes. */
const sshLine = (host: string, port: number, user: string | null): string =>
  ['ssh', ...(port === SSH_PORT ? [] : ['-p', String(port)]), user === null ? host : `${user}@${host}`].join(' ')

export const bootNews = (
  expected: BootExpectation,
  steps: readonly BootStep[],
  address: string | null,
  errors: readonly string[] = [],
  phase: BootPhase | null = null,
): Omit<FirstBoot, 'id'> => {
  const at = expected.forward?.host ?? address
  const port = expected.forward?.port ?? SSH_PORT
  const { name, user } = expected
  const sshCommand = at === null ? null : sshLine(at, port, user)
  return { name, steps: [...steps], phase, address: at, port, user, sshCommand, errors: [...errors] }
}

const HINTS: Readonly<Record<BootStage, string>> = {
  running: 'See its screen.',
  address: 'Its screen or its serial line may say why: vireo console NAME',
  agent: 'Is an agent in its image, or could cloud-init install one? vireo console NAME shows what it does.',
  'cloud-init': 'It may still be at work: vireo exec NAME -- cloud-init status --long',
  ssh: 'Is an SSH server in its image, and does its firewall let SSH in?',
}
const WAITED: Readonly<Record<BootStage, string>> = {
  running: 'does not run',
  address: 'has got no address',
  agent: 'has no agent that answers',
  'cloud-init': 'is still being set up by cloud-init',
  ssh: 'does not answer over SSH',
}
const WORDS: Readonly<Record<BootStage, string>> = {
  ...{ running: 'Waiting for it to run', address: 'Waiting for its address', agent: 'Waiting for its agent' },
  ...{ 'cloud-init': 'Waiting for cloud-init', ssh: 'Waiting for its SSH server' },
}

const PHASES: Readonly<Record<BootPhase['phase'], string>> = {
  ...{ firmware: 'its firmware is at work', loader: 'its boot loader is at work', kernel: 'its kernel starts' },
  ...{ system: 'its system starts', 'cloud-init': 'cloud-init is at work', login: 'it asks for a login' },
  stopped: 'it says that it cannot go on',
}

/** For instance `its kernel starts: [    0.000000] Linux version 6.1`. */
export const phaseText = ({ phase, line }: BootPhase): string => `${PHASES[phase]}: ${line}`

/** What a stage cannot begin without. */
const AFTER: Readonly<Partial<Record<BootStage, BootStage>>> = {
  ...{ address: 'running', agent: 'running', 'cloud-init': 'agent', ssh: 'address' },
}

const UNSEEN = 'This computer has not seen where it is.'
const UNASKED = 'Nobody in it can be asked.'
const NOWHERE: SshPlace = { address: null, claimed: null }
const GONE: readonly DomainState[] = ['shutoff', 'crashed', 'saved']

export class FirstBootWatch {
  readonly #view: BootView
  readonly #expected: BootExpectation
  readonly #patience: BootPatience
  readonly #tell: (news: Omit<FirstBoot, 'id'>) => void
  readonly #now: () => number
  readonly #steps: Map<BootStage, BootStep>
  /** When each stage could begin. */
  readonly #since = new Map<BootStage, number>()
  #address: string | null = null
  #phase: BootPhase | null = null
  #errors: readonly string[] = []
  /** Stages that took too long, as long as they have not come true after all. */
  readonly #late = new Map<BootStage, RemoteError>()
  #failure: RemoteError | undefined

  constructor(
    view: BootView,
    expected: BootExpectation,
    tell: (news: Omit<FirstBoot, 'id'>) => void,
    patience: BootPatience = usualPatience(expected.accelerated),
    now: () => number = () => performance.now(),
  ) {
    this.#view = view
    this.#expected = expected
    this.#tell = tell
    this.#patience = patience
    this.#now = now
    this.#steps = new Map(expectedSteps(expected).map(step => [step.stage, step]))
  }

  /** Rejects with `precondition` when the machine stops or cloud-init reports errors, and with `timeout`. */
  async run(operation: Operation): Promise<void> {
    this.#news()
    try {
      await this.#follow(operation)
    } finally {
      this.#view.leaveLine()
      this.#tellPhase(null)
    }
    this.#skipBlocked()
    const failure = this.#failure ?? [...this.#late.values()][0]
    if (failure) throw failure
    operation.progress(this.#lastWords(), 1)
  }

  async #follow({ signal, progress }: Operation): Promise<void> {
    for (;;) {
      signal.throwIfAborted()
      await this.#lookAtAll(signal)
      signal.throwIfAborted()
      for (const stage of STAGES) if (this.#isDue(stage)) this.#checkTime(stage)
      const at = STAGES.find(stage => this.#step(stage).state === 'waiting' && !this.#isBlocked(stage))
      // What cloud-init complains of is what counts; the rest may come true or not.
      if (at === undefined || this.#errors.length > 0) break
      const detail = this.#step(at).detail ?? (this.#phase && phaseText(this.#phase))
      progress(`${WORDS[at]}${detail === null ? '' : `: ${detail}`}`, this.#share())
      await sleep(this.#patience.pauseMs, undefined, { signal }).catch(() => undefined)
    }
  }

  async #lookAtAll(signal: AbortSignal): Promise<void> {
    await this.#look('running', () => this.#lookAtState(signal))
    const looks: readonly (readonly [BootStage, () => Promise<void>])[] = [
      ['address', async () => this.#lookAtAddress(signal)],
      ['agent', async () => this.#lookAtAgent(signal)],
      ['cloud-init', async () => this.#lookAtCloudInit(signal)],
      ['ssh', async () => this.#lookAtSsh(signal)],
    ]
    // What was late may come true while the rest is waited for.
    const due = looks.filter(([stage]) => this.#late.has(stage) || this.#isDue(stage))
    await Promise.all(due.map(([stage, work]) => this.#look(stage, work)))
    this.#listen(signal)
  }

  /** The serial line tells until an agent can; from then on others may have it. */
  #listen(signal: AbortSignal): void {
    if (this.#step('running').state !== 'done') return
    if (this.#step('agent').state !== 'done') return this.#tellPhase(this.#view.phase(signal))
    this.#view.leaveLine()
    this.#tellPhase(null)
  }

  #tellPhase(phase: BootPhase | null): void {
    if (phase?.phase === this.#phase?.phase && phase?.line === this.#phase?.line) return
    this.#phase = phase
    this.#news()
  }

  /** A look that fails is taken again; only what a person has to mend ends the wait. */
  async #look(stage: BootStage, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (!(error instanceof RemoteError) || error.detail.kind === 'internal') throw error
      if (error === this.#failure || error.detail.kind === 'permission') throw error
      if (stage === 'running') this.#set('running', 'waiting', error.detail.message)
    }
  }

  async #lookAtState(signal: AbortSignal): Promise<void> {
    const state = await this.#view.state(signal)
    if (state === null || GONE.includes(state)) {
      const what = state === null ? 'was deleted' : state === 'crashed' ? 'crashed' : 'went off'
      const message = `“${this.#expected.name}” ${what} during its first start.`
      this.#failure = new RemoteError({
        kind: 'precondition',
        message,
        hint: this.#withWords('Its serial line may say why.'),
      })
      throw this.#failure
    }
    if (state === 'running') this.#set('running', 'done', null)
    else if (this.#step('running').state === 'waiting') this.#set('running', 'waiting', state)
  }

  async #lookAtAddress(signal: AbortSignal): Promise<void> {
    const { fixedAddress, bridged } = this.#expected
    const { address, claimed } = fixedAddress === null ? await this.#view.address(signal) : NOWHERE
    this.#address = address ?? fixedAddress
    if (this.#address !== null) this.#set('address', 'done', this.#address)
    // Never gone to: it might name any computer.
    else if (bridged && claimed !== null) this.#set('address', 'done', `${claimed}, as it says itself`)
  }

  async #lookAtAgent(signal: AbortSignal): Promise<void> {
    const dialect = await this.#view.agent(signal)
    if (dialect !== null) this.#set('agent', 'done', dialect)
  }

  async #lookAtCloudInit(signal: AbortSignal): Promise<void> {
    const found = await this.#view.cloudInit(signal)
    if (found === null) return this.#set('cloud-init', 'skipped', 'The agent that answers does not show it.')
    if (found.kind === 'working') return this.#set('cloud-init', 'waiting', found.stage)
    const { name } = this.#expected
    if (found.kind === 'absent') {
      if (this.#now() - (this.#since.get('cloud-init') ?? this.#now()) < this.#patience.traceMs) return
      const message = `There is no cloud-init in “${name}”, so nothing told it its user and its keys.`
      return this.#fail('cloud-init', new RemoteError({ kind: 'precondition', message, hint: 'Take a cloud image.' }))
    }
    const unheard = found.datasource?.includes('DataSourceNone') ? ['It found nobody that told it anything.'] : []
    this.#errors = [...found.errors, ...unheard]
    if (this.#errors.length === 0) return this.#set('cloud-init', 'done', found.datasource)
    const message = `cloud-init in “${name}” ended with errors: ${this.#errors.join('; ')}`
    const hint = `The machine stays. All of it: vireo exec ${name} -- cat /var/log/cloud-init-output.log`
    this.#fail('cloud-init', new RemoteError({ kind: 'precondition', message, hint }))
  }

  async #lookAtSsh(signal: AbortSignal): Promise<void> {
    const { forward } = this.#expected
    const host = forward?.host ?? this.#address
    if (host === null) return this.#set('ssh', 'skipped', UNSEEN)
    const answers = await this.#view.ssh(host, forward?.port ?? SSH_PORT, signal)
    if (answers) this.#set('ssh', 'done', bootNews(this.#expected, [], this.#address).sshCommand)
  }

  #step(stage: BootStage): BootStep {
    return this.#steps.get(stage) ?? { stage, state: 'skipped', detail: null }
  }

  /** Waited for, and whatever it needs has been settled. */
  #isDue(stage: BootStage): boolean {
    if (this.#step(stage).state !== 'waiting') return false
    const before = AFTER[stage]
    const { state } = before === undefined ? { state: 'done' } : this.#step(before)
    if (state === 'waiting' || state === 'failed') return false
    if (stage === 'cloud-init' && state === 'skipped') {
      this.#set(stage, 'skipped', UNASKED)
      return false
    }
    if (!this.#since.has(stage)) this.#since.set(stage, this.#now())
    return true
  }

  /** Waits for one that did not come true in time. */
  #isBlocked(stage: BootStage): boolean {
    const before = AFTER[stage]
    return before !== undefined && this.#step(before).state === 'failed'
  }

  #skipBlocked(): void {
    for (const stage of STAGES)
      if (this.#step(stage).state === 'waiting' && this.#isBlocked(stage))
        this.#set(stage, 'skipped', stage === 'ssh' ? UNSEEN : UNASKED)
  }

  #checkTime(stage: BootStage): void {
    const limit = this.#patience.stageMs[stage]
    if (this.#now() - (this.#since.get(stage) ?? this.#now()) < limit) return
    const minutes = Math.max(1, Math.round(limit / MINUTE))
    const message = `“${this.#expected.name}” ${WAITED[stage]} after ${minutes} min.`
    const hint = this.#withWords(HINTS[stage].replaceAll('NAME', this.#expected.name))
    this.#late.set(stage, new RemoteError({ kind: 'timeout', message, hint }))
    this.#set(stage, 'failed', message)
  }

  #withWords(hint: string): string {
    return this.#phase === null ? hint : `${hint} The last on its serial line: “${this.#phase.line}”`
  }

  #fail(stage: BootStage, error: RemoteError): void {
    this.#failure ??= error
    this.#set(stage, 'failed', error.detail.message)
  }

  #set(stage: BootStage, state: BootStep['state'], detail: string | null): void {
    const before = this.#step(stage)
    if (before.state === state && before.detail === detail) return
    // It is no news that what is late still goes on.
    if (state === 'waiting' && this.#late.has(stage)) return
    if (state === 'done' || state === 'skipped') this.#late.delete(stage)
    this.#steps.set(stage, { stage, state, detail })
    this.#news()
  }

  #news(): void {
    this.#tell(bootNews(this.#expected, [...this.#steps.values()], this.#address, this.#errors, this.#phase))
  }

  #share(): number {
    return STAGES.filter(stage => this.#step(stage).state !== 'waiting').length / STAGES.length
  }

  #lastWords(): string {
    const { sshCommand } = bootNews(this.#expected, [], this.#address)
    return sshCommand === null
      ? `“${this.#expected.name}” is ready.`
      : `“${this.#expected.name}” is ready: ${sshCommand}`
  }
}
