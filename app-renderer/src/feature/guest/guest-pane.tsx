import type { DomainSummary, GuestAgentState, GuestStatus } from '@vireo/app-main/contract'
import { useState } from 'react'
import { Button, EmptyState, Spinner, Tabs } from '../../ui/index.ts'
import { CpuList } from './cpu-list.tsx'
import { FilesystemList } from './filesystem-list.tsx'
import { useSetup } from './agent-setup.ts'
import { GuestHead } from './guest-head.tsx'
import { GuestAsleep, GuestLocked, GuestSilent } from './guest-notice.tsx'
import s from './guest.module.css'
import { InterfaceList, UserList } from './network-list.tsx'
import { ProcessTable } from './process-table.tsx'
import { ServiceTable } from './service-table.tsx'
import { useText } from './text.ts'
import { useGuestStatus } from './use-guest-status.ts'

const VIEWS = ['processes', 'services', 'filesystems', 'network', 'users', 'vcpus'] as const
type View = (typeof VIEWS)[number]

interface GuestPaneProps {
  domain: DomainSummary
  shown: boolean
}

/** What happens inside the machine, as its agent tells. */
export const GuestPane = ({ domain, shown }: GuestPaneProps) => {
  const t = useText()
  const { status, error, locked, reload } = useGuestStatus(domain, shown && domain.state === 'running')
  if (domain.state !== 'running') return <GuestAsleep domain={domain}>{t('offBody')}</GuestAsleep>
  if (locked) return <GuestLocked domain={domain} />
  if (error) return <GuestSilent error={error} onAgain={reload} />
  if (!status)
    return (
      <div className={s.middle}>
        <Spinner size={24} label={t('looking')} />
      </div>
    )
  const agent = status.agents.find(one => one.dialect === status.primary)
  return agent ? (
    <Inside domain={domain} agent={agent} together={together(status, agent)} shown={shown} />
  ) : (
    <NoAgent domain={domain} status={status} onAgain={reload} />
  )
}

/** The best agent with what all that answer can do: each question goes to one that can. */
const together = ({ agents }: GuestStatus, agent: GuestAgentState): GuestAgentState => {
  const answering = agents.filter(({ state }) => state === 'answering')
  const missing = Object.entries(agent.features).filter(([feature]) =>
    answering.every(({ features }) => Object.hasOwn(features, feature)),
  )
  return { ...agent, features: Object.fromEntries(missing) }
}

interface ViewProps {
  domain: DomainSummary
  agent: GuestAgentState
  shown: boolean
}

interface InsideProps extends ViewProps {
  together: GuestAgentState
}

const Inside = ({ domain, agent, together: all, shown }: InsideProps) => {
  const t = useText()
  const [view, setView] = useState<View>('processes')
  return (
    <div className={s.inside}>
      <GuestHead domain={domain} agent={agent} together={all} shown={shown} />
      <Tabs
        label={t('views', { name: domain.name })}
        tabs={VIEWS.map(one => ({ id: one, label: t(`view.${one}`) }))}
        selected={view}
        onSelect={setView}
        padded={false}
      >
        {one => <Content view={one} domain={domain} agent={all} shown={shown && one === view} />}
      </Tabs>
    </div>
  )
}

const Content = ({ view, ...rest }: ViewProps & { view: View }) => {
  const reason = rest.agent.features[view]
  if (reason !== undefined)
    return (
      <EmptyState icon="question" title={reason}>
        {null}
      </EmptyState>
    )
  switch (view) {
    case 'processes':
      return <ProcessTable {...rest} />
    case 'services':
      return <ServiceTable {...rest} />
    case 'filesystems':
      return <FilesystemList {...rest} />
    case 'network':
      return <InterfaceList {...rest} />
    case 'users':
      return <UserList {...rest} />
    case 'vcpus':
      return <CpuList {...rest} />
  }
}

interface NoAgentProps {
  domain: DomainSummary
  status: GuestStatus
  onAgain: () => void
}

const NoAgent = ({ domain, status, onAgain }: NoAgentProps) => {
  const t = useText()
  const [ours, theirs] = useSetup(domain, ['installAgent', 'installQemuAgent'])
  return (
    <EmptyState
      icon="question"
      title={t('noneTitle')}
      actions={
        <>
          <Button look="line" icon="reboot" onPress={onAgain}>
            {t('again')}
          </Button>
          {theirs ? (
            <Button look="line" reason={theirs.reason} pending={theirs.pending} onPress={theirs.run}>
              {theirs.title}
            </Button>
          ) : null}
          {ours ? (
            <Button look="solid" icon="download" reason={ours.reason} pending={ours.pending} onPress={ours.run}>
              {ours.title}
            </Button>
          ) : null}
        </>
      }
    >
      <p>{t('noneBody')}</p>
      <dl className={s.reasons}>
        {status.agents.map(({ dialect, reason }) => (
          <div key={dialect}>
            <dt>{t(`dialect.${dialect}`)}</dt>
            <dd>
              <bdi>{reason}</bdi>
            </dd>
          </div>
        ))}
      </dl>
      <p>{t('noneWay')}</p>
    </EmptyState>
  )
}
