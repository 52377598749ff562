/** What becomes of chosen files in a guest's folder, and which of them stand there already; pure. */
import { joinPath } from './guest-path.ts'
import { freeName } from './safe-name.ts'
import type { UploadItem } from './upload-job.ts'

/** A file as it was dropped or chosen; `folders` are those above it in the drop. */
export interface Chosen {
  readonly file: File
  readonly folders: readonly string[]
}

export interface Choice {
  readonly files: readonly Chosen[]
  /** Folders of the drop that may be empty, as their names from the outermost on. */
  readonly folders: readonly (readonly string[])[]
}

/** What to do with names that are taken. */
export type Conflict = 'replace' | 'skip' | 'rename'

/** The most files of one drop. */
export const MOST_FILES = 10_000

/** What one line of the transfer list does: a file, or a folder with what is in it. */
export interface PlannedTransfer {
  readonly name: string
  readonly folders: readonly string[]
  readonly items: readonly UploadItem[]
  readonly size: number
}

/** Names that stand in the guest's folder, or are on their way there. */
export interface Known {
  has(name: string): boolean
}

const outerNames = ({ files, folders }: Choice): readonly string[] => [
  ...new Set([...folders, ...files.map(({ file, folders: above }) => [...above, file.name])].map(first)),
]

/** The outermost names of a choice that the guest's folder has already. */
export const takenNames = (choice: Choice, there: Known): readonly string[] =>
  outerNames(choice).filter(name => there.has(name))

const first = (names: readonly string[]): string => names[0] ?? ''

/**
 * Groups a choice by its outermost names. Only what is known to be there is replaced. A folder that is there already is filled: with `replace` its files are replaced, with
 * `skip` it is left alone as a whole, with `rename` it gets a name of its own. What is no folder is never replaced by one, nor the other way
 * round: the guest refuses it.
 */
export const planUpload = (choice: Choice, folder: string, there: Known, conflict: Conflict): PlannedTransfer[] => {
  // No new name may be one that another of the choice keeps.
  const given = new Set(outerNames(choice).filter(name => !there.has(name)))
  const plans = new Map<string, { name: string; folders: string[]; items: UploadItem[]; size: number } | null>()
  const planOf = (outer: string) => {
    const known = plans.get(outer)
    if (known !== undefined) return known
    const taken = there.has(outer)
    const isTaken = (name: string) => there.has(name) || given.has(name)
    const name = taken && conflict === 'rename' ? freeName(outer, isTaken) : outer
    const plan = taken && conflict === 'skip' ? null : { name, folders: [], items: [], size: 0 }
    given.add(name)
    plans.set(outer, plan)
    return plan
  }
  for (const names of choice.folders) {
    const plan = planOf(first(names))
    plan?.folders.push([plan.name, ...names.slice(1)].reduce(joinPath, folder))
  }
  for (const { file, folders } of choice.files) {
    const names = [...folders, file.name]
    const plan = planOf(first(names))
    if (!plan) continue
    const path = [plan.name, ...names.slice(1)].reduce(joinPath, folder)
    plan.items.push({ file, path, overwrite: conflict === 'replace' && there.has(first(names)) })
    plan.size += file.size
  }
  return [...plans.values()].filter(plan => plan !== null)
}
