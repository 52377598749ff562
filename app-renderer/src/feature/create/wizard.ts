/** Where somebody is in making a machine: what is filled in, the step in sight, the work under way. One pure reducer. */
import type { AppError, DomainId, TaskId } from '@vireo/app-main/contract'
import { type Draft, emptyDraft, emptyNic, type MoreDisk, type Nic, type Source, type Step, STEPS } from './draft.ts'

/** A machine that is being made, or could not be. */
export interface Run {
  readonly name: string
  /** Null until the service has begun. */
  readonly begun: { readonly taskId: TaskId; readonly id: DomainId } | null
  /** Why it was not even begun. */
  readonly refusal: AppError | null
}

/** Fields that a source proposes, until somebody types there. */
export type Proposed = 'name' | 'cpus' | 'memory' | 'disk'

export interface Wizard {
  readonly draft: Draft
  readonly step: Step
  /** Steps that somebody left: what is wrong there is told. */
  readonly left: ReadonlySet<Step>
  readonly typed: ReadonlySet<Proposed>
  readonly run: Run | null
  readonly nextKey: number
}

export type Proposal = Readonly<Record<Proposed, string>>

export type WizardAction =
  | { readonly type: 'change'; readonly part: Partial<Draft> }
  /** `offer`: nobody chose it; it counts only while nothing is chosen. */
  | { readonly type: 'source'; readonly source: Source; readonly proposal: Proposal; readonly offer?: boolean }
  | { readonly type: 'key'; readonly line: string; readonly on: boolean }
  | { readonly type: 'add-disk' }
  | { readonly type: 'change-disk'; readonly key: number; readonly part: Partial<Omit<MoreDisk, 'key'>> }
  | { readonly type: 'remove-disk'; readonly key: number }
  | { readonly type: 'add-nic' }
  | { readonly type: 'change-nic'; readonly key: number; readonly part: Partial<Omit<Nic, 'key'>> }
  | { readonly type: 'remove-nic'; readonly key: number }
  | { readonly type: 'go'; readonly step: Step }
  | { readonly type: 'turn'; readonly by: 1 | -1 }
  /** Every step counts as left: somebody wants the machine. */
  | { readonly type: 'show-all'; readonly step: Step }
  | { readonly type: 'run'; readonly run: Run | null }
  | { readonly type: 'reset' }

export const emptyWizard: Wizard = {
  ...{ draft: emptyDraft, step: 'source', left: new Set(), typed: new Set(), run: null, nextKey: 1 },
}

const PROPOSED: readonly Proposed[] = ['name', 'cpus', 'memory', 'disk']

const changed = (wizard: Wizard, part: Partial<Draft>): Wizard => ({
  ...wizard,
  // Another source has another installer, or none.
  draft: { ...wizard.draft, ...(part.source === undefined ? {} : { unattended: false }), ...part },
  // Emptied, a field takes proposals again.
  typed: new Set(
    PROPOSED.filter(field => (part[field] === undefined ? wizard.typed.has(field) : part[field].trim() !== '')),
  ),
})

const sourced = (wizard: Wizard, { source, proposal }: { source: Source; proposal: Proposal }): Wizard => {
  const open = PROPOSED.filter(field => !wizard.typed.has(field))
  const proposed = Object.fromEntries(open.map(field => [field, proposal[field]]))
  return { ...wizard, draft: { ...wizard.draft, ...proposed, source, unattended: false } }
}

const moved = (wizard: Wizard, step: Step): Wizard => ({
  ...wizard,
  step,
  left: step === wizard.step ? wizard.left : new Set([...wizard.left, wizard.step]),
})

const withKey = <T extends { readonly key: number }>(list: readonly T[], key: number, part: object): readonly T[] =>
  list.map(one => (one.key === key ? { ...one, ...part } : one))

const listed = (wizard: Wizard, action: WizardAction): Wizard => {
  const { draft, nextKey } = wizard
  const set = (part: Partial<Draft>): Wizard => ({ ...wizard, draft: { ...draft, ...part } })
  switch (action.type) {
    case 'add-disk':
      return { ...set({ disks: [...draft.disks, { key: nextKey, size: '', bus: 'virtio' }] }), nextKey: nextKey + 1 }
    case 'change-disk':
      return set({ disks: withKey(draft.disks, action.key, action.part) })
    case 'remove-disk':
      return set({ disks: draft.disks.filter(({ key }) => key !== action.key) })
    case 'add-nic':
      return { ...set({ nics: [...draft.nics, emptyNic(nextKey)] }), nextKey: nextKey + 1 }
    case 'change-nic':
      return set({ nics: withKey(draft.nics, action.key, action.part) })
    case 'remove-nic':
      return set({ nics: draft.nics.filter(({ key }) => key !== action.key) })
    case 'key': {
      const others = draft.keysLeftOut.filter(line => line !== action.line)
      return set({ keysLeftOut: action.on ? others : [...others, action.line] })
    }
    default:
      return wizard
  }
}

export const reduce = (wizard: Wizard, action: WizardAction): Wizard => {
  switch (action.type) {
    case 'change':
      return changed(wizard, action.part)
    case 'source':
      return action.offer && wizard.draft.source !== null ? wizard : sourced(wizard, action)
    case 'go':
      return moved(wizard, action.step)
    case 'turn':
      return moved(wizard, STEPS[STEPS.indexOf(wizard.step) + action.by] ?? wizard.step)
    case 'show-all':
      return { ...wizard, step: action.step, left: new Set(STEPS) }
    case 'run':
      return { ...wizard, run: action.run }
    case 'reset':
      return emptyWizard
    default:
      return listed(wizard, action)
  }
}
