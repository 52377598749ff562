import { Spinner } from '../../ui/index.ts'
import s from './telemetry.module.css'
import { useText } from './text.ts'

/** Keeps the charts' place while they are fetched. */
export const ChartsPlace = () => {
  const t = useText()
  return (
    <div className={s.waiting}>
      <Spinner size={24} label={t('loading')} />
    </div>
  )
}
