import type { Disk, DomainDetail, DomainSummary, Interface } from '@vireo/app-main/contract'
import { type Format, useFormat } from '../../i18n/format.ts'
import { appErrorOf } from '../../store/app-error.ts'
import { useConnection, useStores } from '../../store/hooks.ts'
import { Badge, CopyText, type Fact, Facts, Switch } from '../../ui/index.ts'
import { showFailure } from '../action/run-action.ts'
import s from './machine-detail.module.css'
import { text, useText } from './text.ts'

type Translate = ReturnType<typeof useText>

interface MachineFactsProps {
  domain: DomainSummary
  detail: DomainDetail | null
  /** The guest tells its system and addresses itself. */
  inside: boolean
}

/** What the machine is made of. */
export const MachineFacts = ({ domain, detail, inside }: MachineFactsProps) => {
  const t = useText()
  const format = useFormat()
  return (
    <div className={s.facts}>
      <Facts
        facts={[
          ...(inside ? [] : guestFacts(domain, t)),
          hardwareFact(domain, t, format),
          ...(detail ? detailFacts(detail, t, format) : []),
          ...idFacts(domain, t),
        ]}
      />
      <Autostart domain={domain} />
    </div>
  )
}

const guestFacts = (domain: DomainSummary, t: Translate): Fact[] => [
  {
    term: t('guest'),
    value: domain.guestOs ? <bdi>{domain.guestOs}</bdi> : <span className={s.dim}>{t('guestUnknown')}</span>,
  },
  { term: t('address'), value: <Addresses domain={domain} /> },
]

const hardwareFact = (domain: DomainSummary, t: Translate, format: Format): Fact => ({
  term: t('hardware'),
  value: [
    domain.vcpus === null ? '—' : t('processors', { count: domain.vcpus }),
    domain.memoryBytes === null ? '—' : format.bytes(domain.memoryBytes),
  ].join(', '),
})

const detailFacts = (detail: DomainDetail, t: Translate, format: Format): Fact[] => [
  { term: t('disks'), value: <Disks disks={detail.disks} t={t} format={format} /> },
  { term: t('interfaces'), value: <Interfaces interfaces={detail.interfaces} t={t} /> },
  ...(isContainer(detail) ? [] : [{ term: t('firmware'), value: t(`firmware.${detail.firmware}`) }]),
  {
    term: t('machineType'),
    value: [detail.machine, detail.arch, t(virtWord(detail))].filter(Boolean).join(', '),
  },
  ...(detail.member === null ? [] : [{ term: t('member'), value: <bdi>{detail.member}</bdi> }]),
  ...(detail.description
    ? [{ term: t('description'), value: <bdi className={s.prose}>{detail.description}</bdi> }]
    : []),
  ...(detail.persistent ? [] : [{ term: t('lifetime'), value: t('transient') }]),
]

const isContainer = ({ virtType }: DomainDetail): boolean => virtType === 'lxc'

const virtWord = (detail: DomainDetail): 'container' | 'accelerated' | 'emulated' => {
  if (isContainer(detail)) return 'container'
  return detail.virtType === 'kvm' ? 'accelerated' : 'emulated'
}

const idFacts = (domain: DomainSummary, t: Translate): Fact[] => [
  { term: t('connection'), value: <bdi className="mono">{domain.connection}</bdi> },
  { term: t('uuid'), value: <CopyText value={domain.uuid} /> },
]

const Addresses = ({ domain }: { domain: DomainSummary }) => {
  const t = useText()
  if (domain.addresses.length === 0) return <span className={s.dim}>{t('addressNone')}</span>
  return (
    <ul className={s.lines}>
      {domain.addresses.map(address => (
        <li key={`${address.ip} ${address.source}`}>
          <CopyText value={address.ip} /> <small className={s.dim}>{t(`source.${address.source}`)}</small>
        </li>
      ))}
    </ul>
  )
}

const diskSize = (disk: Disk, t: Translate, format: Format): string | null => {
  if (disk.capacityBytes === null) return null
  const total = format.bytes(disk.capacityBytes)
  return disk.allocationBytes === null ? total : t('diskUse', { used: format.bytes(disk.allocationBytes), total })
}

const Disks = ({ disks, t, format }: { disks: readonly Disk[]; t: Translate; format: Format }) => {
  if (disks.length === 0) return <span className={s.dim}>{t('diskNone')}</span>
  return (
    <ul className={s.lines}>
      {disks.map(disk => (
        <li key={disk.target}>
          <span className={s.line}>
            <bdi className="mono">
              <b>{disk.target}</b>
            </bdi>
            <Badge>{disk.device === 'disk' ? disk.bus : disk.device}</Badge>
            {[diskSize(disk, t, format), disk.format, disk.readOnly ? t('readOnly') : null].filter(Boolean).join(', ')}
          </span>
          <small className={s.path}>
            <bdi>{disk.source ?? t('diskEmpty')}</bdi>
          </small>
        </li>
      ))}
    </ul>
  )
}

const Interfaces = ({ interfaces, t }: { interfaces: readonly Interface[]; t: Translate }) => {
  if (interfaces.length === 0) return <span className={s.dim}>{t('interfaceNone')}</span>
  return (
    <ul className={s.lines}>
      {interfaces.map((one, at) => (
        <li key={one.mac ?? at}>
          <span className={s.line}>
            <bdi>{[one.source ?? one.type, one.model].filter(Boolean).join(', ')}</bdi>
            {one.linkUp ? null : <Badge tone="pause">{t('linkDown')}</Badge>}
          </span>
          {one.mac ? (
            <small className={s.path}>
              <CopyText value={one.mac} />
            </small>
          ) : null}
        </li>
      ))}
    </ul>
  )
}

const Autostart = ({ domain }: { domain: DomainSummary }) => {
  const t = useText()
  const { client } = useStores()
  const connection = useConnection(domain.connection)
  const reason = connection?.features.autostart ?? (domain.persistent ? null : t('transient'))
  const change = async (enabled: boolean): Promise<void> => {
    try {
      await client.domain.autostart({ id: domain.id, enabled })
    } catch (thrown) {
      showFailure(text('autostartFailed', { name: domain.name }), appErrorOf(thrown))
    }
  }
  return (
    <Switch label={t('autostart')} on={domain.autostart} onChange={enabled => void change(enabled)} reason={reason} />
  )
}
