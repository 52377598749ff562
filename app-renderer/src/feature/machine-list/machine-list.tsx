import { type KeyboardEvent, useEffect } from 'react'
import { useStore } from 'zustand'
import { useFormat } from '../../i18n/format.ts'
import { useConnections, useStores, useUi } from '../../store/hooks.ts'
import { Button, cx, EmptyState, PageHeader, Search } from '../../ui/index.ts'
import { createPlaces } from '../create/places.ts'
import { focusMachines } from '../shortcut/focus-machines.ts'
import { BulkBar } from './bulk-bar.tsx'
import { FilterBar } from './filter-bar.tsx'
import { MachineGrid } from './machine-grid.tsx'
import s from './machine-list.module.css'
import { keepExisting } from './marks.ts'
import { useText } from './text.ts'
import { useRows } from './use-rows.ts'

/** Marks of machines that went away go with them. */
const useTidyMarks = (): void => {
  const { domains, ui } = useStores()
  useEffect(
    () =>
      domains.state.subscribe(({ byId }) => {
        const { marked } = ui.state.getState()
        const kept = keepExisting(marked, id => byId.has(id))
        if (kept !== marked) ui.state.setState({ marked: kept })
      }),
    [domains, ui],
  )
}

const NoMatch = () => {
  const { ui } = useStores()
  const t = useText()
  return (
    <EmptyState
      icon="search"
      title={t('noMatch')}
      actions={
        <Button look="line" onPress={() => ui.state.setState({ query: '', filter: 'all', hypervisor: null })}>
          {t('showAll')}
        </Button>
      }
    >
      <p>{t('noMatchBody')}</p>
    </EmptyState>
  )
}

/** From the search to the first machine that it found. */
const onSearchKey = (event: KeyboardEvent): void => {
  if (event.key !== 'ArrowDown' && event.key !== 'Enter') return
  event.preventDefault()
  const grid = focusMachines()
  grid?.dispatchEvent(new globalThis.KeyboardEvent('keydown', { key: 'Home', bubbles: true }))
}

/** Only where machines can be made at all. */
const NewMachine = () => {
  const { ui } = useStores()
  const t = useText()
  const connections = [...useConnections().values()]
  if (!connections.some(({ kind }) => kind === 'kvm')) return null
  const reason = createPlaces(connections).length > 0 ? null : t('nowhere')
  return (
    <Button look="solid" icon="plus" reason={reason} onPress={() => ui.state.setState({ dialog: 'create' })}>
      {t('newMachine')}
    </Button>
  )
}

/** Heading, search and filters; below them the table. */
export const MachineHeader = () => {
  const { domains, ui } = useStores()
  const count = useStore(domains.state, state => state.byId.size)
  const query = useUi(state => state.query)
  const marking = useUi(state => state.marked.size > 0)
  const format = useFormat()
  const t = useText()
  return (
    <div className={cx(s.top)}>
      <PageHeader title={t('title')} about={<span className={cx(s.count)}>{format.number(count)}</span>}>
        {count > 0 ? (
          <div className={cx(s.find)} data-shortcut-search>
            <Search
              label={t('search')}
              value={query}
              onChange={value => ui.state.setState({ query: value })}
              onKeyDown={onSearchKey}
            />
          </div>
        ) : null}
        <NewMachine />
      </PageHeader>
      {count === 0 ? null : marking ? <BulkBar /> : <FilterBar />}
    </div>
  )
}

export const MachineList = () => {
  const rows = useRows()
  useTidyMarks()
  return <div className={cx(s.list)}>{rows.length > 0 ? <MachineGrid rows={rows} /> : <NoMatch />}</div>
}
