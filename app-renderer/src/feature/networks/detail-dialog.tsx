import type { AppError, DhcpLease, FixedAddress, Network } from '@vireo/app-main/contract'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { useFormat } from '../../i18n/format.ts'
import { appErrorOf } from '../../store/app-error.ts'
import { useClient, useStores } from '../../store/hooks.ts'
import { Button, type Column, CopyText, cx, DataTable, Dialog, type Fact, Facts, Section } from '../../ui/index.ts'
import { showFailure } from '../action/run-action.ts'
import { State, useWhyNot } from './network-table.tsx'
import s from './networks.module.css'
import { text, useText } from './text.ts'

interface Leases {
  readonly leases: readonly DhcpLease[]
  readonly error: AppError | null
}

/** Asked for again whenever the network changed; nobody tells of leases. */
const useLeases = (network: Network): Leases => {
  const client = useClient()
  const [known, setKnown] = useState<Leases>({ leases: [], error: null })
  useEffect(() => {
    let current = true
    const { connection, name } = network
    const read = (): void =>
      void client.network.leases({ connection, name }).then(
        leases => (current ? setKnown({ leases, error: null }) : undefined),
        thrown => (current ? setKnown({ leases: [], error: appErrorOf(thrown) }) : undefined),
      )
    read()
    const timer = setInterval(() => (document.hidden ? undefined : read()), LEASES_MS)
    return () => {
      current = false
      clearInterval(timer)
    }
  }, [client, network])
  return known
}

const LEASES_MS = 5000

const UsedBy = ({ network, onClose }: { network: Network; onClose: () => void }) => {
  const { ui } = useStores()
  const t = useText()
  if (network.users.length === 0) return t('nobody')
  return (
    <span className={cx(s.chips)}>
      {network.users.map(({ id, name }) => (
        <Button
          key={id}
          small
          look="line"
          onPress={() => {
            onClose()
            ui.go({ machine: id, wide: false, tab: null })
          }}
        >
          <bdi>{name}</bdi>
        </Button>
      ))}
    </span>
  )
}

const useFacts = (network: Network, onClose: () => void): readonly Fact[] => {
  const t = useText()
  const { subnets, bridge, device } = network
  const ranges = subnets.flatMap(({ dhcp }) => dhcp)
  const gives = ranges.map(range => t('dhcpRange', { ...range })).join(', ')
  return [
    { term: t('state'), value: <State network={network} /> },
    { term: t('kind'), value: t(`kind.${network.kind}`) },
    ...subnets.map(({ address, prefix, family }) => ({
      term: t(family === 'ipv4' ? 'subnet' : 'subnet6'),
      value: <CopyText value={`${address}/${prefix}`} />,
    })),
    ...(subnets.length > 0 ? [{ term: t('dhcpTerm'), value: <bdi>{gives || t('dhcpNone')}</bdi> }] : []),
    ...((device ?? bridge)
      ? [{ term: t('leadsTo'), value: <bdi>{[device, bridge].filter(Boolean).join(', ')}</bdi> }]
      : []),
    { term: t('usedBy'), value: <UsedBy network={network} onClose={onClose} /> },
    { term: t('uuid'), value: <CopyText value={network.uuid} /> },
  ]
}

/** Keeps an address for the machine that has it, and gives one up again. */
const useAddressActions = () => {
  const client = useClient()
  return useMemo(
    () => ({
      keep: async ({ ip, mac, machine }: DhcpLease): Promise<void> => {
        if (!machine) return
        try {
          await client.network.fixAddress({ id: machine.id, ip, mac })
        } catch (thrown) {
          showFailure(text('keepFailed', { ip }), appErrorOf(thrown))
        }
      },
      release: async (network: Network, { ip, mac }: FixedAddress): Promise<void> => {
        const user = network.users.find(({ macs }) => mac !== null && macs.includes(mac))
        if (!user) return
        try {
          await client.network.freeAddress({ id: user.id, mac })
        } catch (thrown) {
          showFailure(text('releaseFailed', { ip }), appErrorOf(thrown))
        }
      },
    }),
    [client],
  )
}

const LeaseTable = ({ network, leases, reason }: { network: Network; leases: Leases; reason: string | null }) => {
  const t = useText()
  const format = useFormat()
  const { keep } = useAddressActions()
  const whyNot = useCallback(
    ({ ip, machine }: DhcpLease): string | null => {
      if (network.fixed.some(entry => entry.ip === ip)) return t('kept')
      return reason ?? (machine ? null : t('keepUnknown'))
    },
    [network, reason, t],
  )
  const columns = useMemo<readonly Column<DhcpLease>[]>(
    () => [
      { id: 'ip', label: t('address'), heading: true, order: one => one.ip, cell: one => <CopyText value={one.ip} /> },
      {
        id: 'machine',
        label: t('machine'),
        order: one => one.machine?.name ?? null,
        cell: one => <bdi>{one.machine?.name ?? '—'}</bdi>,
      },
      { id: 'hostname', label: t('callsItself'), wide: true, cell: one => <bdi>{one.hostname ?? '—'}</bdi> },
      { id: 'mac', label: t('card'), cell: one => <bdi className={cx(s.mono)}>{one.mac ?? '—'}</bdi> },
      {
        ...{ id: 'until', label: t('until'), order: (one: DhcpLease) => one.expiresAt },
        cell: one => (one.expiresAt === null ? t('forever') : format.relative(one.expiresAt, Date.now())),
      },
      {
        ...{ id: 'keep', label: t('actions'), bare: true },
        cell: one => (
          <Button small reason={whyNot(one)} onPress={() => void keep(one)}>
            <span aria-hidden>{t('keep')}</span>
            <span className="visually-hidden">{t('keepOf', { ip: one.ip, name: one.machine?.name ?? '' })}</span>
          </Button>
        ),
      },
    ],
    [t, format, whyNot, keep],
  )
  return (
    <Section title={t('addresses')} failure={leases.error && { title: t('lookFailed'), text: leases.error.message }}>
      {leases.error ? null : (
        <DataTable
          label={t('addresses')}
          columns={columns}
          rows={leases.leases}
          rowKey={one => `${one.ip} ${one.mac}`}
          sortedBy="ip"
          empty={t('noLeases')}
          framed
        />
      )}
    </Section>
  )
}

const FixedList = ({ network, reason }: { network: Network; reason: string | null }) => {
  const t = useText()
  const { release } = useAddressActions()
  const ownerOf = (mac: string | null) => network.users.find(({ macs }) => mac !== null && macs.includes(mac))?.name
  return (
    <Section title={t('fixed')} note={network.fixed.length === 0 ? t('noFixed') : null}>
      <ul className={cx(s.users)}>
        {network.fixed.map(entry => (
          <li key={`${entry.ip} ${entry.mac}`}>
            <CopyText value={entry.ip} />
            <bdi>{ownerOf(entry.mac) ?? entry.name ?? entry.mac ?? '—'}</bdi>
            <span className={cx(s.space)} />
            <Button
              small
              reason={reason ?? (ownerOf(entry.mac) === undefined ? t('keepUnknown') : null)}
              onPress={() => void release(network, entry)}
            >
              <span aria-hidden>{t('release')}</span>
              <span className="visually-hidden">{t('releaseOf', { ip: entry.ip })}</span>
            </Button>
          </li>
        ))}
      </ul>
    </Section>
  )
}

/** Everything about one network: what it is, who has which address of it, and which stay. */
export const DetailDialog = ({ network, onClose }: { network: Network; onClose: () => void }) => {
  const leases = useLeases(network)
  const reason = useWhyNot(network.connection)
  const facts = useFacts(network, onClose)
  const gives = network.subnets.some(({ dhcp }) => dhcp.length > 0)
  const t = useText()
  return (
    <Dialog
      title={network.name}
      size="l"
      onClose={onClose}
      footer={
        <Button look="line" onPress={onClose}>
          {t('close')}
        </Button>
      }
    >
      <Facts facts={facts} />
      {gives ? <LeaseTable network={network} leases={leases} reason={reason} /> : null}
      {gives ? <FixedList network={network} reason={reason} /> : null}
    </Dialog>
  )
}
