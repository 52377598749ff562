/** What planning an action gives. */
import type { AppError, HypervisorName, Words } from '../../contract/index.ts'
import type { HostFacts } from '../facts/read-all.ts'
import type { Machine } from '../machine.ts'
import type { Step } from './command.ts'

export interface ActionPlan {
  readonly steps: readonly Step[]
  readonly undo: readonly Step[]
  readonly notes: readonly Words[]
  /** Whether root's rights are needed. */
  readonly root: boolean
}

export type Planned = ActionPlan | { readonly refusal: AppError }

export interface Place {
  readonly facts: HostFacts
  readonly machine: Machine
  readonly hypervisor: HypervisorName
}

export const refuse = (message: string, hint?: string): Planned => ({
  refusal: { kind: 'precondition', message, ...(hint && { hint }) },
})
export const unsupported = (message: string): Planned => ({ refusal: { kind: 'unsupported', message } })
export const plan = (steps: readonly Step[], part: Partial<ActionPlan> = {}): ActionPlan => ({
  steps,
  undo: [],
  notes: [],
  root: true,
  ...part,
})
