import { useFormat } from '../../i18n/format.ts'
import type { Volume } from '../../store/guest-series.ts'
import { cx, Section } from '../../ui/index.ts'
import s from './telemetry.module.css'
import { useText } from './text.ts'

/** From here on a filesystem counts as nearly full. */
export const NEARLY_FULL = 0.9
/** A guest may have any number of them. */
const MOST = 12

/** How full the guest's disks are, the fullest first. */
export const Volumes = ({ volumes }: { volumes: readonly Volume[] }) => {
  const t = useText()
  if (volumes.length === 0) return null
  const rest = volumes.length - MOST
  return (
    <Section title={t('filesystems')}>
      <ul className={s.volumes}>
        {volumes.slice(0, MOST).map(volume => (
          <VolumeBar key={`${volume.mountPoint} ${volume.device}`} volume={volume} />
        ))}
      </ul>
      {rest > 0 ? <p className={s.line}>{t('moreVolumes', { count: rest })}</p> : null}
    </Section>
  )
}

const VolumeBar = ({ volume }: { volume: Volume }) => {
  const t = useText()
  const format = useFormat()
  const { mountPoint, used, total, share } = volume
  const full = share >= NEARLY_FULL
  const sizes = { used: format.bytes(used), total: format.bytes(total), share: format.percent(share) }
  return (
    <li className={cx(s.volume, full && s.full)}>
      <bdi className={s.mount} title={mountPoint}>
        {mountPoint}
      </bdi>
      <span>
        {t('usedOf', sizes)}
        {full ? <b> · {t('nearlyFull')}</b> : null}
      </span>
      <span className={s.meter}>
        <i style={{ inlineSize: `${share * 100}%` }} />
      </span>
    </li>
  )
}
