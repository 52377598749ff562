import type { HostStatus } from '@vireo/app-main/contract'
import { useEffect } from 'react'
import { useStore } from 'zustand'
import { useFormat } from '../../i18n/format.ts'
import { HYPERVISORS } from '../../store/host.ts'
import { useOnline, useRoute, useStores } from '../../store/hooks.ts'
import { Banner, Button, cx, EmptyState, Page, PageHeader, Spinner, Tabs } from '../../ui/index.ts'
import { ActionDialog } from './action-dialog.tsx'
import { Doctor } from './doctor.tsx'
import { DoctorCard } from './doctor-card.tsx'
import { errorWords } from './error-words.ts'
import s from './hosts.module.css'
import { HypervisorCard } from './hypervisor-card.tsx'
import { useText } from './text.ts'

const TABS = ['hypervisors', 'doctor'] as const
type TabId = (typeof TABS)[number]

const Head = ({ status }: { status: HostStatus | null }) => {
  const { host } = useStores()
  const looking = useStore(host.state, state => state.looking)
  const online = useOnline()
  const format = useFormat()
  const t = useText()
  return (
    <PageHeader
      title={t('title')}
      about={
        status ? (
          <span title={t('lookedIn', { ms: format.number(status.detection_ms) })}>
            {t('system', { distribution: status.distribution, kernel: status.kernel })}
          </span>
        ) : null
      }
    >
      <Button
        look="line"
        icon="reboot"
        pending={looking}
        reason={online ? null : t('failed')}
        onPress={() => void host.detect()}
      >
        {t('again')}
      </Button>
    </PageHeader>
  )
}

const Cards = ({ status }: { status: HostStatus }) => (
  <div className={cx(s.cards)}>
    {HYPERVISORS.map(name => (
      <HypervisorCard key={name} status={status} card={status.hypervisors[name]} />
    ))}
    <DoctorCard />
  </div>
)

const Hypervisors = ({ status }: { status: HostStatus | null }) => {
  const { host } = useStores()
  const error = useStore(host.state, state => state.error)
  const t = useText()
  const words = error ? errorWords(error) : ''
  if (!status && error)
    return (
      <EmptyState
        icon="warn"
        title={t('failed')}
        actions={
          <Button look="solid" onPress={() => void host.look()}>
            {t('retry')}
          </Button>
        }
      >
        <p>
          <bdi>{words}</bdi>
        </p>
      </EmptyState>
    )
  if (!status) return <EmptyState art={<Spinner size={28} />} title={t('looking')} />
  return (
    <>
      {error ? (
        <Banner tone="fail" title={t('staleLook')}>
          <bdi>{words}</bdi>
        </Banner>
      ) : null}
      <Cards status={status} />
    </>
  )
}

/** What this computer can run machines with, and what to do about it. */
export const HostsPage = () => {
  const { host, ui } = useStores()
  const route = useRoute()
  const t = useText()
  const status = useStore(host.state, state => state.status)
  const asked = useStore(host.state, state => state.asked)
  useEffect(() => void host.look(), [host])
  // A dialog belongs to this place.
  useEffect(() => () => host.ask(null), [host])
  const settled = status !== null && !Object.values(status.hypervisors).some(({ probing }) => probing)
  useEffect(() => {
    if (settled) void host.examine()
  }, [host, settled, status])
  const tab: TabId = TABS.find(one => one === route.tab) ?? 'hypervisors'
  return (
    <Page>
      <Head status={status} />
      <Tabs
        label={t('tabs')}
        tabs={TABS.map(id => ({ id, label: t(id), bare: id === 'doctor' }))}
        selected={tab}
        onSelect={id => ui.go({ room: 'hosts', tab: id === 'hypervisors' ? null : id })}
      >
        {id => (id === 'doctor' ? <Doctor /> : <Hypervisors status={status} />)}
      </Tabs>
      {asked ? <ActionDialog key={JSON.stringify(asked)} asked={asked} /> : null}
    </Page>
  )
}
