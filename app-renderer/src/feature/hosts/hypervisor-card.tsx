import type { HostAction, HostStatus, Hypervisor, Indicator } from '@vireo/app-main/contract'
import { useId, useState } from 'react'
import { useOnline, useStores } from '../../store/hooks.ts'
import {
  Badge,
  Button,
  copyToClipboard,
  cx,
  Facts,
  Icon,
  MenuButton,
  type MenuEntry,
  showToast,
} from '../../ui/index.ts'
import { useText as useActionText } from '../host-action/text.ts'
import { hypervisorTitle } from '../host-action/hypervisor-title.ts'
import {
  diagnosisOf,
  explainsItself,
  hasProbe,
  installedWhat,
  MARK_ICONS,
  settling,
  shownIndicators,
  toneOf,
} from './card-view.ts'
import { CourseLine } from './course-line.tsx'
import s from './hosts.module.css'
import { ProbePart } from './probe-part.tsx'
import { text, useSay, useStateText, useText } from './text.ts'
import { useCourse } from './use-action.ts'

const IndicatorLine = ({ indicator: { mark, words } }: { indicator: Indicator }) => {
  const say = useSay()
  const t = useText()
  return (
    <li className={cx(s[`mark-${mark}`])}>
      <Icon name={MARK_ICONS[mark]} size={14} />
      <span>
        <span className="visually-hidden">{t(`mark.${mark}`)} </span>
        {say(words)}
      </span>
    </li>
  )
}

const useCopyDiagnosis = (status: HostStatus, card: Hypervisor): (() => void) => {
  const say = useSay()
  const stateText = useStateText()
  const { log } = useCourse(card.type)
  return () => {
    const words = diagnosisOf({
      ...{ status, card, say, title: hypervisorTitle(card.type, card.management), stateWord: stateText(card.state) },
      log: log?.state === 'failed' ? log.lines : [],
    })
    void copyToClipboard(words).then(done => (done ? showToast({ tone: 'done', title: text('copied') }) : undefined))
  }
}

const ICONS: Readonly<Partial<Record<HostAction, 'download' | 'play' | 'settings' | 'unlock'>>> = {
  install: 'download',
  start: 'play',
  enable: 'play',
  'add-to-groups': 'unlock',
  'fix-device': 'unlock',
}

interface PartProps {
  status: HostStatus
  card: Hypervisor
}

interface FootProps extends PartProps {
  whyOpen: boolean
  onWhy: () => void
  detailsOpen: boolean
  onDetails: () => void
}

/** The next step, the reasons, and the rest in a menu. */
const Foot = ({ status, card, whyOpen, onWhy, detailsOpen, onDetails }: FootProps) => {
  const { host } = useStores()
  const online = useOnline()
  const t = useText()
  const action = useActionText()
  const copy = useCopyDiagnosis(status, card)
  const { log, task } = useCourse(card.type)
  const { type, primary } = card
  // After its commands have ended, its task looks again; until then it keeps others away.
  const busy = log !== undefined && (log.state === 'running' || task?.state === 'running')
  const ask = (one: HostAction) => host.ask({ hypervisor: type, action: one, undo: false })
  const entries: MenuEntry[] = card.actions
    .filter(one => one !== primary)
    .map(one => ({
      ...{ id: one, label: action(one), icon: ICONS[one] ?? 'settings', danger: one === 'unload-modules' },
      onAction: () => ask(one),
    }))
  if (entries.length > 0) entries.push('separator')
  entries.push({ id: 'copy', label: t('copyDiagnosis'), icon: 'copy', onAction: copy })
  return (
    <div className={cx(s.foot)}>
      {primary ? (
        <Button
          look="solid"
          icon={ICONS[primary] ?? 'settings'}
          reason={!online ? t('failed') : busy ? t('running', { action: action(log.action) }) : null}
          onPress={() => ask(primary)}
        >
          {action(primary)}
        </Button>
      ) : null}
      {card.details.length > 0 ? (
        <Button look="line" aria-expanded={detailsOpen} onPress={onDetails}>
          {t('details')}
        </Button>
      ) : null}
      <Button aria-expanded={whyOpen} onPress={onWhy}>
        {t('why')}
      </Button>
      <span className={cx(s.space)} />
      <MenuButton label={t('more', { name: hypervisorTitle(type, card.management) })} entries={entries} />
    </div>
  )
}

/** One hypervisor: what is so, and what can be done about it. */
export const HypervisorCard = ({ status, card }: PartProps) => {
  const t = useText()
  const say = useSay()
  const stateText = useStateText()
  const heading = useId()
  const [why, setWhy] = useState<boolean | null>(null)
  const [details, setDetails] = useState(false)
  const whyOpen = why ?? explainsItself(card.state)
  const title = hypervisorTitle(card.type, card.management)
  const what = installedWhat(card)
  const checking = settling(card)
  const usable = card.state !== 'not_available'
  return (
    <article
      className={cx(
        s.card,
        card.type === 'kvm' && s.tall,
        card.state === 'ready' && !checking && s.ready,
        !usable && s.faint,
      )}
      aria-labelledby={heading}
    >
      <header className={cx(s.cardHead)}>
        <Icon name="host" />
        <h2 id={heading}>{title}</h2>
        <span role="status">
          {checking ? <Badge>{t('settling')}</Badge> : <Badge tone={toneOf(card.state)}>{stateText(card.state)}</Badge>}
        </span>
      </header>
      <p className={cx(s.about)}>
        <bdi>{what === null || what === title ? t(`about.${card.type}`) : what}</bdi>
        {status.default_hypervisor === card.type ? <Badge tone="neutral">{t('chosen')}</Badge> : null}
      </p>
      <ul className={cx(s.marks)} aria-label={t('marks')}>
        {shownIndicators(card).map(indicator => (
          <IndicatorLine key={indicator.id} indicator={indicator} />
        ))}
      </ul>
      {hasProbe(card) ? <ProbePart card={card} /> : null}
      {whyOpen ? <p className={cx(s.why, 'selectable')}>{say(card.why)}</p> : null}
      {details ? (
        <Facts
          facts={card.details.map(({ label, value }) => ({
            term: say({ key: label, values: {} }),
            value: <bdi>{value}</bdi>,
          }))}
        />
      ) : null}
      <CourseLine card={card} />
      <Foot
        {...{ status, card, whyOpen, detailsOpen: details }}
        onWhy={() => setWhy(!whyOpen)}
        onDetails={() => setDetails(!details)}
      />
    </article>
  )
}
