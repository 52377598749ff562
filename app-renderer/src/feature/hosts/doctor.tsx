import type { HostCheck, HostReport } from '@vireo/app-main/contract'
import { useStore } from 'zustand'
import { useStores } from '../../store/hooks.ts'
import {
  Badge,
  Banner,
  Button,
  copyToClipboard,
  CopyText,
  cx,
  EmptyState,
  Icon,
  showToast,
  Spinner,
} from '../../ui/index.ts'
import { useText as useActionText } from '../host-action/text.ts'
import { countChecks, reportText } from './card-view.ts'
import { errorWords } from './error-words.ts'
import s from './hosts.module.css'
import { text, useSay, useText } from './text.ts'

export const CHECK_LOOKS = {
  OK: { icon: 'check', tone: 'run' },
  WARN: { icon: 'warn', tone: 'pause' },
  FAIL: { icon: 'cross', tone: 'fail' },
} as const

/** A command to copy, or a sentence. */
const Fix = ({ check: { words } }: { check: HostCheck }) => {
  const say = useSay()
  const t = useText()
  if (!words.fix) return null
  const { command } = words.fix.values
  if (words.fix.key !== 'fix.command' || typeof command !== 'string')
    return <p className={cx(s.dim)}>{say(words.fix)}</p>
  return (
    <p className={cx(s.terminal)}>
      <span>{t('inTerminal')}</span> <CopyText value={command} />
    </p>
  )
}

const CheckLine = ({ check }: { check: HostCheck }) => {
  const { host } = useStores()
  const t = useText()
  const say = useSay()
  const actionText = useActionText()
  const { status, words, action } = check
  const look = CHECK_LOOKS[status]
  return (
    <li className={cx(s.check)}>
      <Badge tone={look.tone}>
        <span className={cx(s.checkBadge)}>
          <Icon name={look.icon} size={12} />
          {t(`status.${status}`)}
        </span>
      </Badge>
      <div className="selectable">
        <h3>{say(words.name)}</h3>
        <p>{say(words.details)}</p>
        <Fix check={check} />
      </div>
      {action ? (
        <Button small look="line" onPress={() => host.ask({ ...action, undo: false })}>
          {actionText(action.action)}
        </Button>
      ) : null}
    </li>
  )
}

const Summary = ({ report }: { report: HostReport }) => {
  const t = useText()
  const counts = countChecks(report)
  return (
    <p className={cx(s.sum)}>
      <b>{t(`overall.${report.overall}`)}</b>
      <span>{t('checksFine', { count: counts.OK })}</span>
      {counts.WARN > 0 ? <span>{t('checksWarn', { count: counts.WARN })}</span> : null}
      {counts.FAIL > 0 ? <span>{t('checksFail', { count: counts.FAIL })}</span> : null}
    </p>
  )
}

/** What is bad comes first; in each group the order of the checks stays. */
const byUrgency = ({ checks }: HostReport): readonly HostCheck[] =>
  (['FAIL', 'WARN', 'OK'] as const).flatMap(status => checks.filter(check => check.status === status))

/** Each check with what would mend it. */
export const Doctor = () => {
  const { host } = useStores()
  const t = useText()
  const say = useSay()
  const report = useStore(host.state, state => state.report)
  const error = useStore(host.state, state => state.reportError)
  const examining = useStore(host.state, state => state.examining)
  const looking = useStore(host.state, state => state.looking)
  const words = error ? errorWords(error) : ''
  if (!report)
    return error ? (
      <EmptyState
        icon="warn"
        title={t('doctorFailed')}
        actions={
          <Button look="solid" pending={examining} onPress={() => void host.examine()}>
            {t('retry')}
          </Button>
        }
      >
        <p>
          <bdi>{words}</bdi>
        </p>
      </EmptyState>
    ) : (
      <EmptyState art={<Spinner size={28} />} title={t('doctorLoading')} />
    )
  const copy = async (): Promise<void> => {
    if (await copyToClipboard(reportText(report, say))) showToast({ tone: 'done', title: text('copied') })
  }
  return (
    <section className={cx(s.doctor)} aria-label={t('doctor')} aria-busy={examining}>
      {error ? (
        <Banner tone="fail" title={t('doctorFailed')}>
          <bdi>{words}</bdi>
        </Banner>
      ) : null}
      <header className={cx(s.doctorHead)}>
        <Summary report={report} />
        <span className={cx(s.space)} />
        <Button look="line" icon="copy" onPress={() => void copy()}>
          {t('copyReport')}
        </Button>
        <Button look="line" icon="reboot" pending={examining || looking} onPress={() => void host.detect()}>
          {t('doctorAgain')}
        </Button>
      </header>
      <ul className={cx(s.checks)}>
        {byUrgency(report).map(check => (
          <CheckLine key={check.id} check={check} />
        ))}
      </ul>
    </section>
  )
}
