/** Agents set up in a machine and removed from it: tasks, which tell how it goes on the machine's own line. */
import type { DomainSummary, EntryDescription, GuestAgentState } from '@vireo/app-main/contract'
import { hindranceOf } from '../../store/action.ts'
import { useConnection, useEntries, useOnline, useStores, useTasks } from '../../store/hooks.ts'
import { runningTaskOf } from '../../store/tasks.ts'
import type { MenuEntry } from '../../ui/index.ts'
import { entryTitle, hindranceWords } from '../action/action-words.ts'
import { runEntry } from '../action/run-action.ts'
import { useText } from './text.ts'

export interface Setup {
  readonly entry: EntryDescription
  readonly title: string
  /** Why it cannot be done now. */
  readonly reason: string | null
  /** Its task is under way. */
  readonly pending: boolean
  run(): void
}

/** Those of the guest room's calls, in this order; empty until the contract is known. */
export const useSetup = (domain: DomainSummary, names: readonly string[]): readonly Setup[] => {
  const stores = useStores()
  const entries = useEntries()
  const connection = useConnection(domain.connection)
  const online = useOnline()
  const task = runningTaskOf(useTasks(), domain.id)
  return names.flatMap(name => {
    const entry = entries.find(one => one.room === 'guest' && one.name === name)
    if (!entry) return []
    return {
      entry,
      title: entryTitle(entry),
      reason: hindranceWords(hindranceOf(entry, domain, connection, online)),
      pending: task?.room === 'guest' && task.name === name,
      run: () => void runEntry(stores, entry, [domain]),
    }
  })
}

/** What the agent that answers can set up or remove, as the end of a menu. */
export const useSetupMenu = (domain: DomainSummary, agent: GuestAgentState): MenuEntry[] => {
  const t = useText()
  const names = agent.dialect === 'vireo' ? ['installAgent', 'uninstallAgent'] : ['installAgent']
  if (agent.dialect !== 'vireo' && agent.dialect !== 'qemu-ga') names.push('installQemuAgent')
  const lacking = agent.features.exec ?? agent.features['write-file'] ?? null
  // LXD’s machines have no channels for any.
  const items = useSetup(domain, agent.dialect === 'lxd' ? [] : names).map(({ entry, title, reason, run }) => ({
    id: entry.name,
    label: entry.name === 'installAgent' && agent.dialect === 'vireo' ? t('upgradeAgent') : title,
    reason: reason ?? lacking,
    danger: entry.effect === 'destroy',
    onAction: run,
  }))
  return items.length > 0 ? ['separator', ...items] : []
}
