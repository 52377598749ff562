import type { DomainSummary, GuestAgentState, GuestStatus } from '@vireo/app-main/contract'
import { useState } from 'react'
import { Button, EmptyState, Spinner, Tabs } from '../../ui/index.ts'
import { FilesystemList } from './filesystem-list.tsx'
import { GuestHead } from './guest-head.tsx'
import s from './guest.module.css'
import { InterfaceList, UserList } from './network-list.tsx'
import { ProcessTable } from './process-table.tsx'
import { ServiceTable } from './service-table.tsx'
import { useText } from './text.ts'
import { useGuestStatus } from './use-guest-status.ts'

const VIEWS = ['processes', 'services', 'filesystems', 'network', 'users'] as const
type View = (typeof VIEWS)[number]

interface GuestPaneProps {
  domain: DomainSummary
  shown: boolean
}

/** What happens inside the machine, as its agent tells. */
export const GuestPane = ({ domain, shown }: GuestPaneProps) => {
  const t = useText()
  const { status, error, reload } = useGuestStatus(domain, shown && domain.state === 'running')
  if (domain.state !== 'running')
    return (
      <EmptyState icon="power" title={t('offTitle')}>
        <p>{t('offBody')}</p>
      </EmptyState>
    )
  if (error)
    return (
      <EmptyState
        icon="question"
        title={t('failed')}
        actions={
          <Button look="line" onPress={reload}>
            {t('again')}
          </Button>
        }
      >
        <p>
          <bdi>{[error.message, error.hint].filter(Boolean).join(' ')}</bdi>
        </p>
      </EmptyState>
    )
  if (!status)
    return (
      <div className={s.middle}>
        <Spinner size={24} label={t('looking')} />
      </div>
    )
  const agent = status.agents.find(one => one.dialect === status.primary)
  return agent ? <Inside domain={domain} agent={agent} shown={shown} /> : <NoAgent status={status} onAgain={reload} />
}

interface InsideProps {
  domain: DomainSummary
  agent: GuestAgentState
  shown: boolean
}

const Inside = ({ domain, agent, shown }: InsideProps) => {
  const t = useText()
  const [view, setView] = useState<View>('processes')
  return (
    <div className={s.inside}>
      <GuestHead domain={domain} agent={agent} shown={shown} />
      <Tabs
        label={t('views', { name: domain.name })}
        tabs={VIEWS.map(one => ({ id: one, label: t(`view.${one}`) }))}
        selected={view}
        onSelect={setView}
        padded={false}
      >
        {one => <Content view={one} domain={domain} agent={agent} shown={shown && one === view} />}
      </Tabs>
    </div>
  )
}

const Content = ({ view, ...rest }: InsideProps & { view: View }) => {
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
  }
}

const NoAgent = ({ status, onAgain }: { status: GuestStatus; onAgain: () => void }) => {
  const t = useText()
  const hasChannel = status.agents.some(({ dialect, state }) => dialect === 'qemu-ga' && state !== 'absent')
  return (
    <EmptyState
      icon="question"
      title={t('noneTitle')}
      actions={
        <Button look="line" icon="reboot" onPress={onAgain}>
          {t('again')}
        </Button>
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
      <p>{t(hasChannel ? 'noneWay' : 'noneWayChannel')}</p>
    </EmptyState>
  )
}
