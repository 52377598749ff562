import type { BootPhase, BootStep, DomainId, DomainSummary, FirstBoot } from '@vireo/app-main/contract'
import { useState } from 'react'
import { appErrorOf } from '../../store/app-error.ts'
import { useClient, useStores } from '../../store/hooks.ts'
import { Button, CopyText, cx, Icon, IconButton, type IconName, Section, Spinner } from '../../ui/index.ts'
import { showFailure } from '../action/run-action.ts'
import { isAlive } from '../console/alive.ts'
import s from './first-start.module.css'
import { text, useText } from './text.ts'
import { useFirstBoot } from './use-first-boot.ts'

const ICONS: Readonly<Record<Exclude<BootStep['state'], 'waiting'>, IconName>> = {
  ...{ done: 'check', failed: 'warn', skipped: 'info' },
}

const Step = ({ step }: { step: BootStep }) => {
  const t = useText()
  const { stage, state, detail } = step
  return (
    <li className={cx(s.step, s[state])}>
      {state === 'waiting' ? <Spinner /> : <Icon name={ICONS[state]} size={14} />}
      <span>
        {t(`stage.${stage}`)} <span className="visually-hidden">{t(`state.${state}`)}</span>
      </span>
      <small>
        <bdi>{detail}</bdi>
      </small>
    </li>
  )
}

/** What the machine says on its serial line, as long as nobody in it can be asked. */
const Phase = ({ phase: { phase, line } }: { phase: BootPhase }) => {
  const t = useText()
  return (
    <p className={cx(s.phase, phase === 'stopped' && s.stopped)}>
      <span>{t(`phase.${phase}`)}</span>
      <code>
        <bdi>{line}</bdi>
      </code>
    </p>
  )
}

/** How one gets in. */
const WayIn = ({ boot }: { boot: FirstBoot }) => {
  const t = useText()
  const { ui } = useStores()
  return (
    <>
      {boot.sshCommand === null ? null : (
        <div className={s.login}>
          <span>{t('logIn')}</span>
          <CopyText value={boot.sshCommand} block />
        </div>
      )}
      <div className={s.buttons}>
        <Button small look="line" icon="screen" onPress={() => ui.go({ tab: 'screen' })}>
          {t('openScreen')}
        </Button>
        <Button small look="line" icon="term" onPress={() => ui.go({ tab: 'terminal' })}>
          {t('openTerminal')}
        </Button>
      </div>
    </>
  )
}

const Complaints = ({ errors }: { errors: readonly string[] }) => {
  const t = useText()
  if (errors.length === 0) return null
  return (
    <ul className={cx(s.complaints, 'selectable')} aria-label={t('complaints')}>
      {errors.map((words, at) => (
        // The same may be said twice.
        <li key={`${at} ${words}`}>
          <bdi>{words}</bdi>
        </li>
      ))}
    </ul>
  )
}

/** Machines of whose first start somebody has seen enough in this window. */
const seen = new Set<DomainId>()

/** The first start of a new machine, until somebody has seen enough of it; nothing for all others. */
export const FirstStart = ({ domain }: { domain: DomainSummary }) => {
  const t = useText()
  const client = useClient()
  const { id, name, state } = domain
  const alive = isAlive(state)
  const boot = useFirstBoot(id, alive)
  const [hidden, setHidden] = useState(seen.has(id))
  if (boot === null || hidden) return null
  const failed = boot.steps.some(step => step.state === 'failed')
  // Made, and never started: there is nothing to follow yet.
  if (!alive && !failed) return null
  const ready = boot.steps.every(step => step.state === 'done' || step.state === 'skipped')
  const hide = (): void => {
    seen.add(id)
    setHidden(true)
  }
  const again = async (): Promise<void> => {
    try {
      await client.create.firstBoot({ id })
    } catch (thrown) {
      showFailure(text('againFailed'), appErrorOf(thrown))
    }
  }
  return (
    <Section title={t('title')} actions={<IconButton small icon="cross" label={t('hide')} onPress={hide} />}>
      <ul className={s.steps}>
        {boot.steps.map(step => (
          <Step key={step.stage} step={step} />
        ))}
      </ul>
      {boot.phase === null ? null : <Phase phase={boot.phase} />}
      <p role="status" className={cx(s.ready)}>
        {ready ? t('ready.title', { name }) : null}
      </p>
      <Complaints errors={boot.errors} />
      {alive ? <WayIn boot={boot} /> : null}
      {failed && alive ? (
        <div className={s.buttons}>
          <Button small look="line" onPress={() => void again()}>
            {t('again')}
          </Button>
        </div>
      ) : null}
    </Section>
  )
}
