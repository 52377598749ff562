import type { DomainSummary } from '@vireo/app-main/contract'
import { useRef } from 'react'
import { useStores } from '../../store/hooks.ts'
import { Banner, cx, Icon } from '../../ui/index.ts'
import { isAlive } from '../console/alive.ts'
import { useLivePicture } from '../screen/use-live-picture.ts'
import { Charts } from './charts.tsx'
import { MachineFacts } from './machine-facts.tsx'
import s from './machine-detail.module.css'
import { useText } from './text.ts'
import type { Detail } from './use-detail.ts'

interface OverviewProps {
  domain: DomainSummary
  detail: Detail
  wide: boolean
  shown: boolean
}

/** What a person wants to know of a machine at one glance. */
export const Overview = ({ domain, detail, wide, shown }: OverviewProps) => {
  const t = useText()
  return (
    <>
      {detail.error ? (
        <Banner tone="pause" title={t('detailFailed')}>
          <bdi>{detail.error.message}</bdi>
        </Banner>
      ) : null}
      <div className={cx(s.overview, wide && s.wide)}>
        <div className={s.column}>
          <Thumbnail domain={domain} shown={shown} />
          {shown && isAlive(domain.state) ? <Charts id={domain.id} /> : null}
        </div>
        <MachineFacts domain={domain} detail={detail.detail} />
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
