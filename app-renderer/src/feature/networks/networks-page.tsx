import type { ConnectionNetworks, ConnectionUri, Network } from '@vireo/app-main/contract'
import { useCallback, useState } from 'react'
import { useConnections, useOnline } from '../../store/hooks.ts'
import { Banner, Button, EmptyState, Page, PageHeader, PageSections, Spinner } from '../../ui/index.ts'
import { launchPlaces } from '../launch/launch-places.ts'
import { NETWORKS } from '../lxd-stock/kinds.tsx'
import { StockSections } from '../lxd-stock/stock-section.tsx'
import { GoneForwards } from '../port-forwards/gone-forwards.tsx'
import { CreateDialog } from './create-dialog.tsx'
import { DeleteDialog } from './delete-dialog.tsx'
import { DetailDialog } from './detail-dialog.tsx'
import { NetworkTable } from './network-table.tsx'
import { useText } from './text.ts'
import { type Networks, useNetworks } from './use-networks.ts'

type Opened = { readonly dialog: 'details' | 'delete'; readonly network: Network }

/** Connections that have networks, or ought to. */
const shown = (all: readonly ConnectionNetworks[]): readonly ConnectionNetworks[] =>
  all.filter(({ error }) => error?.kind !== 'unsupported')

/** Connections on which a network can be made now. */
const useMakers = (all: readonly ConnectionNetworks[] | null): readonly ConnectionUri[] => {
  const connections = useConnections()
  return shown(all ?? [])
    .map(({ connection }) => connection)
    .filter(uri => {
      const connection = connections.get(uri)
      return connection?.state === 'ready' && connection.features.network === undefined
    })
}

const Lists = ({ networks, onOpen }: { networks: Networks; onOpen: (opened: Opened) => void }) => {
  const t = useText()
  const { all, error, reload } = networks
  const connections = useConnections()
  const onDetails = useCallback((network: Network) => onOpen({ dialog: 'details', network }), [onOpen])
  const onDelete = useCallback((network: Network) => onOpen({ dialog: 'delete', network }), [onOpen])
  const again = (
    <Button look="line" onPress={reload}>
      {t('retry')}
    </Button>
  )
  if (!all && error)
    return (
      <EmptyState icon="warn" title={t('failed')} actions={again}>
        <p>
          <bdi>{error.message}</bdi>
        </p>
      </EmptyState>
    )
  if (!all) return <EmptyState art={<Spinner size={28} />} title={t('looking')} />
  const sections = shown(all)
  return (
    <PageSections>
      {error ? (
        <Banner tone="fail" title={t('failed')} actions={again}>
          <bdi>{error.message}</bdi>
        </Banner>
      ) : null}
      {sections.map(found => (
        <NetworkTable key={found.connection} found={found} onDetails={onDetails} onDelete={onDelete} />
      ))}
      <StockSections kind={NETWORKS} />
      {sections.length === 0 && launchPlaces(connections.values()).length === 0 ? (
        <EmptyState icon="net" title={t('noNetworks')}>
          <p>{t('noNetworksBody')}</p>
        </EmptyState>
      ) : null}
      <GoneForwards />
    </PageSections>
  )
}

/** As it is now; as it was while its connection cannot tell, and null when it is gone. */
const nowOf = (before: Network, all: readonly ConnectionNetworks[]): Network | null => {
  const place = all.find(({ connection }) => connection === before.connection)
  const now = place?.networks.find(({ name }) => name === before.name)
  return now ?? (place && !place.error ? null : before)
}

/** What machines are plugged into, of all connections. */
export const NetworksPage = () => {
  const t = useText()
  const online = useOnline()
  const networks = useNetworks()
  const makers = useMakers(networks.all)
  const [making, setMaking] = useState(false)
  const [opened, setOpened] = useState<Opened | null>(null)
  const network = opened && nowOf(opened.network, networks.all ?? [])
  const close = (): void => setOpened(null)
  return (
    <Page>
      <PageHeader title={t('title')} about={t('intro')}>
        <Button
          look="solid"
          icon="plus"
          aria-haspopup="dialog"
          reason={online ? (makers.length > 0 ? null : t('nowhere')) : t('offline')}
          onPress={() => setMaking(true)}
        >
          {t('new')}
        </Button>
      </PageHeader>
      <Lists networks={networks} onOpen={setOpened} />
      {making ? <CreateDialog makers={makers} onClose={() => setMaking(false)} /> : null}
      {network && opened?.dialog === 'details' ? <DetailDialog network={network} onClose={close} /> : null}
      {network && opened?.dialog === 'delete' ? <DeleteDialog network={network} onClose={close} /> : null}
    </Page>
  )
}
