import type { DomainId, DomainSummary } from '@vireo/app-main/contract'
import { Suspense } from 'react'
import { part } from '../../lazy-part.tsx'
import { useDomain, useRoute, useStores } from '../../store/hooks.ts'
import { Banner, Button, EmptyState, Spinner, Tabs } from '../../ui/index.ts'
import { ErrorBoundary } from '../notices/error-boundary.tsx'
import { hasNoScreen, tabsOf, type TabId } from './detail-tabs.ts'
import { MachineHead } from './machine-head.tsx'
import s from './machine-detail.module.css'
import { Overview } from './overview.tsx'
import { useText } from './text.ts'
import { type Detail, useDetail } from './use-detail.ts'
import { useDetailKeys } from './use-detail-keys.ts'

// Consoles bring noVNC and xterm.js: not needed at first.
const ScreenPane = part(async () => (await import('../screen/screen-pane.tsx')).ScreenPane)
const SerialPane = part(async () => (await import('../serial/serial-pane.tsx')).SerialPane)
const GuestPane = part(async () => (await import('../guest/guest-pane.tsx')).GuestPane)
const FilesPane = part(async () => (await import('../guest-files/files-pane.tsx')).FilesPane)
const RunPane = part(async () => (await import('../guest-run/run-pane.tsx')).RunPane)
const TerminalPane = part(async () => (await import('../terminal/terminal-pane.tsx')).TerminalPane)
const XmlPane = part(async () => (await import('../xml/xml-pane.tsx')).XmlPane)

interface MachineDetailProps {
  id: DomainId
  /** Fills the centre; else a panel beside the list. */
  wide: boolean
}

/** Everything about one machine. */
export const MachineDetail = ({ id, wide }: MachineDetailProps) => {
  const domain = useDomain(id)
  const { domains } = useStores()
  if (domain) return <Known key={id} domain={domain} wide={wide} />
  return domains.state.getState().loaded ? <Gone /> : <Loading />
}

const Known = ({ domain, wide }: { domain: DomainSummary; wide: boolean }) => {
  const t = useText()
  const { ui } = useStores()
  const detail = useDetail(domain)
  const { region, onKeyDown } = useDetailKeys(wide)
  const route = useRoute()
  const tabs = tabsOf(domain)
  const tab = tabs.find(one => one === route.tab) ?? 'overview'
  return (
    <section
      ref={region}
      className={s.detail}
      aria-label={t('region', { name: domain.name })}
      tabIndex={-1}
      data-detail
      onKeyDown={onKeyDown}
    >
      <MachineHead domain={domain} wide={wide} />
      {domain.stale ? (
        <Banner tone="pause" title={t('stale')}>
          {t('staleBody')}
        </Banner>
      ) : null}
      <Tabs
        label={t('tabs', { name: domain.name })}
        tabs={tabs.map(one => ({
          id: one,
          label: t(one === 'serial' && hasNoScreen(domain) ? 'tab.console' : `tab.${one}`),
        }))}
        selected={tab}
        onSelect={next => ui.go({ tab: next === 'overview' ? null : next })}
        padded={false}
      >
        {one => (
          <div className={s.pane}>
            <ErrorBoundary place={one}>
              <Suspense fallback={<Loading />}>
                <Pane domain={domain} detail={detail} tab={one} wide={wide} shown={one === tab} />
              </Suspense>
            </ErrorBoundary>
          </div>
        )}
      </Tabs>
    </section>
  )
}

interface PaneProps {
  domain: DomainSummary
  detail: Detail
  tab: TabId
  wide: boolean
  shown: boolean
}

const Pane = ({ domain, detail, tab, wide, shown }: PaneProps) => {
  switch (tab) {
    case 'overview':
      return <Overview domain={domain} detail={detail} wide={wide} shown={shown} />
    case 'screen':
      return <ScreenPane domain={domain} detail={detail.detail} shown={shown} />
    case 'serial':
      return <SerialPane domain={domain} detail={detail.detail} shown={shown} />
    case 'terminal':
      return <TerminalPane domain={domain} shown={shown} />
    case 'guest':
      return <GuestPane domain={domain} shown={shown} />
    case 'files':
      return <FilesPane domain={domain} shown={shown} />
    case 'commands':
      return <RunPane domain={domain} />
    case 'xml':
      return <XmlPane domain={domain} shown={shown} />
  }
}

const Loading = () => {
  const t = useText()
  return (
    <div className={s.middle}>
      <Spinner size={24} label={t('loading')} />
    </div>
  )
}

const Gone = () => {
  const t = useText()
  const { ui } = useStores()
  return (
    <section className={s.detail} aria-label={t('goneTitle')}>
      <EmptyState
        icon="question"
        title={t('goneTitle')}
        actions={
          <Button look="line" onPress={() => ui.go({ machine: null })}>
            {t('backToList')}
          </Button>
        }
      >
        <p>{t('goneBody')}</p>
      </EmptyState>
    </section>
  )
}
