import type { DomainSummary } from '@vireo/app-main/contract'
import { Suspense, useRef } from 'react'
import { part } from '../../lazy-part.tsx'
import { useStores } from '../../store/hooks.ts'
import { Banner, cx, Icon } from '../../ui/index.ts'
import { isAlive } from '../console/alive.ts'
import { useGuestStatus } from '../guest/use-guest-status.ts'
import { useLivePicture } from '../screen/use-live-picture.ts'
import { ChartsPlace } from '../telemetry/charts-place.tsx'
import { GuestSide } from '../telemetry/guest-side.tsx'
import { useVolumes } from '../telemetry/use-volumes.ts'
import { Volumes } from '../telemetry/volumes.tsx'
import { hasNoScreen } from './detail-tabs.ts'
import { MachineFacts } from './machine-facts.tsx'
import s from './machine-detail.module.css'
import { useText } from './text.ts'
import type { Detail } from './use-detail.ts'

// It brings uPlot.
const LiveCharts = part(async () => (await import('../telemetry/live-charts.tsx')).LiveCharts)
const FirstStart = part(async () => (await import('../first-start/first-start.tsx')).FirstStart)
const ForwardsSection = part(async () => (await import('../port-forwards/forwards-section.tsx')).ForwardsSection)
const MediaSection = part(async () => (await import('../media/media-section.tsx')).MediaSection)
const SnapshotsSection = part(async () => (await import('../snapshots/snapshots-section.tsx')).SnapshotsSection)

interface OverviewProps {
  domain: DomainSummary
  detail: Detail
  wide: boolean
  shown: boolean
}

/** What a person wants to know of a machine at one glance. */
export const Overview = ({ domain, detail, wide, shown }: OverviewProps) => {
  const t = useText()
  const running = domain.state === 'running' && !domain.stale
  const reading = useGuestStatus(domain, shown && running)
  const volumes = useVolumes(domain.id)
  const inside = running && reading.status !== null && reading.status.primary !== null
  return (
    <>
      {detail.error ? (
        <Banner tone="pause" title={t('detailFailed')}>
          <bdi>{detail.error.message}</bdi>
        </Banner>
      ) : null}
      <div className={cx(s.overview, wide && s.wide)}>
        {domain.kind === 'kvm' && shown ? (
          <Suspense fallback={null}>
            <FirstStart key={domain.id} domain={domain} />
          </Suspense>
        ) : null}
        {hasNoScreen(domain) ? null : (
          <div className={s.picture}>
            <Thumbnail domain={domain} shown={shown} />
          </div>
        )}
        <div className={s.use}>
          {shown && isAlive(domain.state) ? (
            <Suspense fallback={<ChartsPlace />}>
              <LiveCharts domain={domain} />
            </Suspense>
          ) : null}
          {inside ? <Volumes volumes={volumes} /> : null}
        </div>
        <div className={s.column}>
          {running ? <GuestSide domain={domain} reading={reading} shown={shown} /> : null}
          <MachineFacts domain={domain} detail={detail.detail} inside={inside && domain.kind !== 'lxd'} />
          {domain.kind === 'lxd' ? (
            <Suspense fallback={null}>
              <SnapshotsSection domain={domain} shown={shown} />
            </Suspense>
          ) : null}
          {domain.kind === 'kvm' ? (
            <Suspense fallback={null}>
              <MediaSection key={domain.id} domain={domain} shown={shown} />
            </Suspense>
          ) : null}
          <Suspense fallback={null}>
            <ForwardsSection domain={domain} shown={shown} />
          </Suspense>
        </div>
      </div>
    </>
  )
}

/** The machine's screen, small and live while it can be seen; opens the real one. */
const Thumbnail = ({ domain, shown }: { domain: DomainSummary; shown: boolean }) => {
  const t = useText()
  const { ui } = useStores()
  const button = useRef<HTMLButtonElement>(null)
  const alive = isAlive(domain.state)
  const { url, error } = useLivePicture(domain.id, alive && shown && !domain.stale, button)
  if (!alive)
    return (
      <div className={s.thumb}>
        <span className={s.noPicture}>{t(domain.state === 'crashed' ? 'pictureCrashed' : 'pictureOff')}</span>
      </div>
    )
  return (
    <button ref={button} type="button" className={s.thumb} onClick={() => ui.go({ tab: 'screen' })}>
      {url ? (
        <img src={url} alt="" />
      ) : (
        <span className={s.noPicture}>
          <bdi>{error?.message ?? t('pictureNone')}</bdi>
        </span>
      )}
      <span className={s.openPicture}>
        <Icon name="screen" size={14} />
        {t('pictureOpen')} <span className="visually-hidden">{t('picture', { name: domain.name })}</span>
      </span>
    </button>
  )
}
