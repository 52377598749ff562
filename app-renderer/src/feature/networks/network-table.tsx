import type { ConnectionNetworks, Network } from '@vireo/app-main/contract'
import { useMemo } from 'react'
import { useClient, useConnection, useOnline } from '../../store/hooks.ts'
import { Button, type Column, cx, DataTable, Dot, MenuButton, Section } from '../../ui/index.ts'
import { usePlaceName } from '../notices/place.ts'
import { namesOf, networkMenu } from './network-actions.ts'
import s from './networks.module.css'
import { useText } from './text.ts'

export interface OpenDialogs {
  readonly onDetails: (network: Network) => void
  readonly onDelete: (network: Network) => void
}

export const State = ({ network: { active, autostart, persistent } }: { network: Network }) => {
  const t = useText()
  const also = [...(autostart ? [t('autostart')] : []), ...(persistent ? [] : [t('transient')])].join(', ')
  return (
    <span className={cx(s.state)}>
      <Dot tone={active ? 'run' : 'off'} />
      <span>{t(active ? 'active' : 'inactive')}</span>
      {also ? <small>{also}</small> : null}
    </span>
  )
}

/** The subnet, as routes write it: the daemon tells the host's own address in it. */
const Subnets = ({ network }: { network: Network }) =>
  network.subnets.length === 0 ? (
    '—'
  ) : (
    <span className={cx(s.mono)}>
      {network.subnets.map(({ address, prefix }) => (
        <bdi key={address} dir="ltr">
          {`${address}/${prefix}`}
        </bdi>
      ))}
    </span>
  )

const useColumns = (reason: string | null, { onDetails, onDelete }: OpenDialogs): readonly Column<Network>[] => {
  const t = useText()
  const client = useClient()
  return useMemo(
    () => [
      {
        ...{ id: 'name', label: t('name'), heading: true, order: (one: Network) => one.name },
        cell: one => (
          <Button small className={cx(s.name)} aria-haspopup="dialog" onPress={() => onDetails(one)}>
            <bdi>{one.name}</bdi>
          </Button>
        ),
      },
      { id: 'state', label: t('state'), order: one => Number(!one.active), cell: one => <State network={one} /> },
      { id: 'kind', label: t('kind'), order: one => one.kind, cell: one => t(`kind.${one.kind}`) },
      {
        ...{ id: 'subnet', label: t('subnet'), order: (one: Network) => one.subnets[0]?.address ?? null },
        cell: one => <Subnets network={one} />,
      },
      {
        ...{ id: 'leads', label: t('leadsTo') },
        cell: one => <bdi className={cx(s.mono)}>{one.device ?? one.bridge ?? '—'}</bdi>,
      },
      {
        ...{ id: 'machines', label: t('machines'), wide: true, order: (one: Network) => one.users.length },
        cell: one => (one.users.length === 0 ? '—' : <bdi>{namesOf(one.users.map(user => user.name))}</bdi>),
      },
      {
        ...{ id: 'actions', label: t('actions'), bare: true },
        cell: one => {
          const open = { onDetails: () => onDetails(one), onDelete: () => onDelete(one) }
          const entries = networkMenu(one, { client, reason, ...open })
          return <MenuButton icon="more" label={t('actionsOf', { name: one.name })} entries={entries} />
        },
      },
    ],
    [t, client, reason, onDetails, onDelete],
  )
}

/** Why networks of a connection cannot be changed now; null when they can. */
export const useWhyNot = (uri: Network['connection']): string | null => {
  const connection = useConnection(uri)
  const online = useOnline()
  const t = useText()
  if (!online || connection?.state !== 'ready') return t('offline')
  return connection.features.network ?? null
}

/** One connection's networks. */
export const NetworkTable = ({ found, ...open }: { found: ConnectionNetworks } & OpenDialogs) => {
  const t = useText()
  const place = usePlaceName()(found.connection)
  const columns = useColumns(useWhyNot(found.connection), open)
  return (
    <Section
      top
      title={place}
      hint={found.connection}
      failure={found.error && { title: t('failed'), text: found.error.message }}
    >
      {found.error ? null : (
        <DataTable
          label={t('listOf', { place })}
          columns={columns}
          rows={found.networks}
          rowKey={one => one.name}
          sortedBy="name"
          empty={t('none')}
          framed
        />
      )}
    </Section>
  )
}
