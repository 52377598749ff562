/** What every step is given. */
import type { Draft } from './draft.ts'
import { text } from './text.ts'
import type { Around } from './use-around.ts'
import type { Wrong } from './wrong.ts'

export interface StepProps {
  readonly draft: Draft
  readonly around: Around
  readonly change: (part: Partial<Draft>) => void
  /** What is wrong with a field, in words; null while nobody wants to know. */
  readonly errorOf: (field: string) => string | null
  /** Fields that something is wrong with, told or not. */
  readonly faulty: ReadonlySet<string>
}

/** Words for what is wrong with a field. */
export const faultFinder =
  (wrong: readonly Wrong[]) =>
  (field: string): string | null => {
    const found = wrong.find(one => one.field === field)
    return found ? text(`fault.${found.fault}`) : null
  }
