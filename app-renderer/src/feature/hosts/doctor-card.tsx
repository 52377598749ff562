import { useId } from 'react'
import { useStore } from 'zustand'
import { useStores } from '../../store/hooks.ts'
import { Badge, Button, cx, Icon, Spinner } from '../../ui/index.ts'
import { countChecks } from './card-view.ts'
import { CHECK_LOOKS } from './doctor.tsx'
import s from './hosts.module.css'
import { useSay, useText } from './text.ts'

/** How many of what is wrong are named on the card. */
const NAMED = 4

/** The doctor's word in short. */
export const DoctorCard = () => {
  const { host, ui } = useStores()
  const t = useText()
  const say = useSay()
  const heading = useId()
  const report = useStore(host.state, state => state.report)
  const error = useStore(host.state, state => state.reportError)
  const counts = report ? countChecks(report) : null
  const wrong = report?.checks.filter(({ status }) => status !== 'OK').slice(0, NAMED) ?? []
  return (
    <article className={cx(s.card)} aria-labelledby={heading}>
      <header className={cx(s.cardHead)}>
        <Icon name="check" />
        <h2 id={heading}>{t('doctor')}</h2>
        {report ? <Badge tone={CHECK_LOOKS[report.overall].tone}>{t(`overall.${report.overall}`)}</Badge> : null}
      </header>
      <p className={cx(s.about)}>{t('doctorIntro')}</p>
      {counts ? (
        <ul className={cx(s.marks)}>
          <li className={cx(s['mark-yes'])}>
            <Icon name="check" size={14} />
            <span>{t('checksFine', { count: counts.OK })}</span>
          </li>
          {wrong.map(({ id, status, words }) => (
            <li key={id} className={cx(status === 'FAIL' ? s['mark-fail'] : s['mark-warn'])}>
              <Icon name={CHECK_LOOKS[status].icon} size={14} />
              <span>
                <span className="visually-hidden">{t(`mark.${status === 'FAIL' ? 'no' : 'warn'}`)} </span>
                {say(words.name)}
              </span>
            </li>
          ))}
        </ul>
      ) : error ? (
        <p className={cx(s.why)}>
          <bdi>{error.message}</bdi>
        </p>
      ) : (
        <p className={cx(s.dim)} role="status">
          <Spinner /> {t('doctorLoading')}
        </p>
      )}
      <div className={cx(s.foot)}>
        <Button look="line" onPress={() => ui.go({ room: 'hosts', tab: 'doctor' })}>
          {t('openReport')}
        </Button>
      </div>
    </article>
  )
}
