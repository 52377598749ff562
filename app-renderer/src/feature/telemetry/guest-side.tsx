import type { DomainSummary, GuestAgentState, GuestSystem } from '@vireo/app-main/contract'
import { useCallback } from 'react'
import { useStore } from 'zustand'
import { failureText } from '../../store/app-error.ts'
import { useFormat } from '../../i18n/format.ts'
import type { GuestNow } from '../../store/guest-series.ts'
import { useClient, useEntries, useStores } from '../../store/hooks.ts'
import { Button, CopyText, type Fact, Facts, Section, Spinner } from '../../ui/index.ts'
import { entryTitle } from '../action/action-words.ts'
import { runEntry } from '../action/run-action.ts'
import { UnlockButton } from '../console/console-notice.tsx'
import type { GuestStatusReading } from '../guest/use-guest-status.ts'
import { useReading } from '../guest/use-reading.ts'
import s from './telemetry.module.css'
import { useText } from './text.ts'

const EVERY_MS = 30_000

interface GuestSideProps {
  domain: DomainSummary
  reading: GuestStatusReading
  shown: boolean
}

/** What the guest tells of itself; or that nobody tells, and how to change that. */
export const GuestSide = ({ domain, reading, shown }: GuestSideProps) => {
  const t = useText()
  const agent = reading.status?.agents.find(one => one.dialect === reading.status?.primary)
  return (
    <Section title={t('inside')}>
      {agent ? <Inside domain={domain} agent={agent} shown={shown} /> : <Outside domain={domain} reading={reading} />}
    </Section>
  )
}

const Outside = ({ domain, reading }: Omit<GuestSideProps, 'shown'>) => {
  const t = useText()
  const { ui } = useStores()
  if (reading.locked)
    return (
      <div className={s.notice}>
        <b>{t('lockedTitle')}</b>
        <span>{t('lockedBody')}</span>
        <UnlockButton domain={domain} look="line" small />
      </div>
    )
  if (reading.error)
    return (
      <div className={s.notice}>
        <b>{t('failedTitle')}</b>
        <bdi>{failureText(reading.error)}</bdi>
      </div>
    )
  if (!reading.status)
    return (
      <p className={s.line}>
        <Spinner /> {t('looking')}
      </p>
    )
  return (
    <div className={s.notice}>
      <b>{t('noAgentTitle')}</b>
      <span>{t('noAgentBody')}</span>
      <Button small look="line" onPress={() => ui.go({ machine: domain.id, tab: 'guest' })}>
        {t('noAgentHow')}
      </Button>
    </div>
  )
}

const Inside = ({ domain, agent, shown }: { domain: DomainSummary; agent: GuestAgentState; shown: boolean }) => {
  const client = useClient()
  const { telemetry } = useStores()
  const { id } = domain
  const read = useCallback(() => client.guest.info({ id }), [client, id])
  const known = agent.features.system === undefined
  const { value } = useReading(read, { shown: shown && known, everyMs: EVERY_MS })
  const now = useStore(telemetry.state, state => state.byId.get(id)?.now ?? null)
  const facts = useFacts(agent, value?.system ?? null, now)
  return (
    <>
      <Facts facts={facts} />
      <Upgrade domain={domain} agent={agent} />
    </>
  )
}

const osOf = ({ osName, osVersion }: GuestSystem): string | null =>
  [osName, osVersion].filter(part => part && !(part === osVersion && osName?.includes(part))).join(' ') || null

const useFacts = (agent: GuestAgentState, system: GuestSystem | null, now: GuestNow | null): readonly Fact[] => {
  const t = useText()
  const format = useFormat()
  const name = t(`dialect.${agent.dialect}`)
  const up = now?.uptimeSeconds ?? system?.uptimeSeconds ?? null
  const fact = (term: string, value: string | null): Fact[] => (value ? [{ term, value: <bdi>{value}</bdi> }] : [])
  return [
    ...fact(t('system'), system && osOf(system)),
    ...fact(t('kernel'), system && [system.kernel, system.architecture].filter(Boolean).join(', ')),
    ...fact(t('hostname'), system?.hostname ?? null),
    ...fact(t('uptime'), up === null ? null : format.duration(up)),
    ...(agent.features.telemetry === undefined
      ? [{ term: t('addresses'), value: <GuestAddresses addresses={now?.addresses ?? []} /> }]
      : []),
    ...fact(t('load'), now?.load ? now.load.map(value => format.number(value, 2)).join(' / ') : null),
    ...fact(t('processes'), now?.processes ? format.number(now.processes) : null),
    ...fact(t('agent'), agent.version ? t('agentVersion', { agent: name, version: agent.version }) : name),
  ]
}

const GuestAddresses = ({ addresses }: { addresses: readonly string[] }) => {
  const t = useText()
  if (addresses.length === 0) return <span className={s.dim}>{t('addressNone')}</span>
  return (
    <ul className={s.lines}>
      {addresses.map(address => (
        <li key={address}>
          <CopyText value={address} />
        </li>
      ))}
    </ul>
  )
}

/** Through any other agent ours can be installed. */
const Upgrade = ({ domain, agent }: { domain: DomainSummary; agent: GuestAgentState }) => {
  const t = useText()
  const stores = useStores()
  const entry = useEntries().find(({ room, name }) => room === 'guest' && name === 'installAgent')
  // LXD’s machines have no channels for one.
  if (agent.dialect === 'vireo' || agent.dialect === 'lxd' || !entry) return null
  return (
    <div className={s.notice}>
      <span>{t('lesserAgent')}</span>
      <Button
        small
        look="line"
        icon="download"
        reason={agent.features.exec ?? agent.features['write-file'] ?? null}
        onPress={() => void runEntry(stores, entry, [domain])}
      >
        {entryTitle(entry)}
      </Button>
    </div>
  )
}
