import type { DomainSummary, EntryDescription } from '@vireo/app-main/contract'
import { useStore } from 'zustand'
import { hindranceOf } from '../../store/action.ts'
import { useConnections, useEntries, useOnline, useStores, useUi } from '../../store/hooks.ts'
import { Button, cx, IconButton } from '../../ui/index.ts'
import { entryIcon, entryTitle, hindranceWords } from '../action/action-words.ts'
import { runEntry } from '../action/run-action.ts'
import s from './machine-list.module.css'
import { useText } from './text.ts'

const OFFERED = ['start', 'shutdown', 'suspend', 'resume', 'destroy']

const useMarkedDomains = (): readonly DomainSummary[] => {
  const marked = useUi(state => state.marked)
  const byId = useStore(useStores().domains.state, state => state.byId)
  return [...marked].flatMap(id => byId.get(id) ?? [])
}

const BulkButton = ({ entry, domains }: { entry: EntryDescription; domains: readonly DomainSummary[] }) => {
  const stores = useStores()
  const connections = useConnections()
  const online = useOnline()
  const t = useText()
  const judged = domains.map(domain => ({
    domain,
    hindrance: hindranceOf(entry, domain, connections.get(domain.connection), online),
  }))
  const able = judged.filter(each => each.hindrance === null).map(each => each.domain)
  const why = able.length === 0 ? hindranceWords(judged[0]?.hindrance ?? null) : null
  const action = entryTitle(entry)
  const label =
    able.length > 0 && able.length < domains.length
      ? t('someCan', { action, can: able.length, count: domains.length })
      : action
  return (
    <Button
      small
      look="line"
      icon={entryIcon(entry)}
      reason={why === null ? null : t('noneCan', { reason: why })}
      onPress={() => void runEntry(stores, entry, able)}
    >
      {label}
    </Button>
  )
}

/** What can be done to all marked machines; those that cannot are left out, and the button says how many remain. */
export const BulkBar = () => {
  const stores = useStores()
  const domains = useMarkedDomains()
  const entries = useEntries()
  const t = useText()
  return (
    <div role="toolbar" aria-label={t('bulk')} className={cx(s.strip)}>
      <b className={cx(s.markedCount)} aria-live="polite">
        {t('marked', { count: domains.length })}
      </b>
      {OFFERED.flatMap(name => entries.find(entry => entry.room === 'domain' && entry.name === name) ?? []).map(
        entry => (
          <BulkButton key={entry.name} entry={entry} domains={domains} />
        ),
      )}
      <span className={cx(s.space)} />
      <IconButton
        small
        icon="cross"
        label={t('unmark')}
        onPress={() => stores.ui.state.setState({ marked: new Set() })}
      />
    </div>
  )
}
