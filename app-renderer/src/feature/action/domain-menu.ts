import type { Connection, DomainSummary } from '@vireo/app-main/contract'
import { domainEntries, hindranceOf } from '../../store/action.ts'
import { useStores } from '../../store/hooks.ts'
import type { Stores } from '../../store/stores.ts'
import type { MenuEntry } from '../../ui/index.ts'
import { entryIcon, entryTitle, hindranceWords } from './action-words.ts'
import { runEntry } from './run-action.ts'

const connectionOf = (stores: Stores, domain: DomainSummary): Connection | undefined =>
  stores.connections.state.getState().byUri.get(domain.connection)

/** A machine's menu: what can be done now first, then what cannot, with the reason. Made when it opens. */
export const domainMenu = (stores: Stores, domain: DomainSummary): readonly MenuEntry[] => {
  const items = domainEntries(stores.entries.state.getState().entries).map(entry => ({
    id: `${entry.room}.${entry.name}`,
    label: entryTitle(entry),
    icon: entryIcon(entry),
    danger: entry.effect === 'destroy',
    reason: hindranceWords(hindranceOf(entry, domain, connectionOf(stores, domain), stores.online.getState())),
    onAction: () => void runEntry(stores, entry, [domain]),
  }))
  const usable = items.filter(item => !item.reason)
  const rest = items.filter(item => item.reason)
  return usable.length > 0 && rest.length > 0 ? [...usable, 'separator', ...rest] : [...usable, ...rest]
}

export const useDomainMenu = (): ((domain: DomainSummary) => readonly MenuEntry[]) => {
  const stores = useStores()
  return domain => domainMenu(stores, domain)
}
