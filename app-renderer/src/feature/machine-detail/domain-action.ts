import type { DomainSummary } from '@vireo/app-main/contract'
import { hindranceOf } from '../../store/action.ts'
import { useConnection, useEntries, useOnline, useStores, useTasks } from '../../store/hooks.ts'
import { runningTaskOf } from '../../store/tasks.ts'
import type { IconName } from '../../ui/index.ts'
import { entryIcon, entryTitle, hindranceWords } from '../action/action-words.ts'
import { runEntry } from '../action/run-action.ts'

export interface DomainAction {
  readonly title: string
  readonly icon: IconName
  /** Why it cannot be done now. */
  readonly reason: string | null
  /** Its task is under way. */
  readonly pending: boolean
  run(): void
}

/** One of the contract's entries for a machine as a control shows it; null until the contract is known. */
export const useDomainAction = (domain: DomainSummary, name: string): DomainAction | null => {
  const stores = useStores()
  const entry = useEntries().find(one => one.room === 'domain' && one.name === name)
  const connection = useConnection(domain.connection)
  const online = useOnline()
  const task = runningTaskOf(useTasks(), domain.id)
  if (!entry) return null
  return {
    title: entryTitle(entry),
    icon: entryIcon(entry),
    reason: hindranceWords(hindranceOf(entry, domain, connection, online)),
    pending: task?.room === 'domain' && task.name === name,
    run: () => void runEntry(stores, entry, [domain]),
  }
}
