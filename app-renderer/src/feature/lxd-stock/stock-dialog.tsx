import type { ConnectionUri } from '@vireo/app-main/contract'
import { useState } from 'react'
import { useConnections, useStores, useUi } from '../../store/hooks.ts'
import { Dialog, Select, Tabs } from '../../ui/index.ts'
import { launchPlaces } from '../launch/launch-places.ts'
import { placeName } from '../notices/place.ts'
import { IMAGES, NETWORKS, POOLS, PROFILES, VOLUMES } from './kinds.tsx'
import { StockTable } from './stock-table.tsx'
import { useText } from './text.ts'

const TABS = ['images', 'pools', 'volumes', 'networks', 'profiles'] as const
type TabId = (typeof TABS)[number]

const Part = ({ id, connection }: { id: TabId; connection: ConnectionUri }) => {
  if (id === 'images') return <StockTable kind={IMAGES} connection={connection} />
  if (id === 'pools') return <StockTable kind={POOLS} connection={connection} />
  if (id === 'volumes') return <StockTable kind={VOLUMES} connection={connection} />
  if (id === 'networks') return <StockTable kind={NETWORKS} connection={connection} />
  return <StockTable kind={PROFILES} connection={connection} />
}

/** What an LXD or Incus keeps: images, storage, networks and profiles. */
export const StockDialog = () => {
  const t = useText()
  const { ui } = useStores()
  const asked = useUi(state => state.about)
  const places = launchPlaces(useConnections().values())
  const [chosen, setChosen] = useState<ConnectionUri | null>(asked)
  const [tab, setTab] = useState<TabId>('images')
  const connection = chosen ?? places[0]
  // One that was lost meanwhile keeps its place.
  const offered = connection && !places.includes(connection) ? [connection, ...places] : places
  return (
    <Dialog title={t('title')} size="l" onClose={() => ui.state.setState({ dialog: null })}>
      {connection === undefined ? <p>{t('gone')}</p> : null}
      {connection !== undefined && offered.length > 1 ? (
        <Select
          label={t('place')}
          options={offered.map(id => ({ id, label: placeName(id) }))}
          value={connection}
          onChange={setChosen}
        />
      ) : null}
      {connection === undefined ? null : (
        <Tabs label={t('parts')} tabs={TABS.map(id => ({ id, label: t(id) }))} selected={tab} onSelect={setTab}>
          {id => <Part key={connection} id={id} connection={connection} />}
        </Tabs>
      )}
    </Dialog>
  )
}
