import type { DomainSummary, VireoClient } from '@vireo/app-main/contract'

export type Fate = 'keep' | 'delete'
export type Preview = Awaited<ReturnType<VireoClient['domain']['undefinePreview']>>

export interface Choices {
  /** Null until the person has chosen. */
  readonly storage: Fate | null
  readonly nvram: Fate | null
}

/** LXD knows no machine without its root disk, and no such disk without its machine. */
export const goesWith = ({ kind }: Pick<DomainSummary, 'kind'>): boolean => kind === 'lxd'

/** What has to be chosen: only what can be deleted at all. */
export const questionsOf = (preview: Preview): { storage: boolean; nvram: boolean } => ({
  storage: preview.disks.some(disk => disk.keptBecause === null),
  nvram: preview.nvram !== null,
})

/** What the call gets, null while something that must be chosen is not. */
export const removalOf = (preview: Preview, choices: Choices): { storage: Fate; nvram: Fate } | null => {
  const asked = questionsOf(preview)
  const storage = asked.storage ? choices.storage : 'keep'
  const nvram = asked.nvram ? choices.nvram : 'keep'
  return storage && nvram ? { storage, nvram } : null
}
