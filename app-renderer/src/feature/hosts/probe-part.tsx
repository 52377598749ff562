import type { Hypervisor, ProbeRun } from '@vireo/app-main/contract'
import { useId } from 'react'
import { useStore } from 'zustand'
import { useFormat } from '../../i18n/format.ts'
import { useOnline, useStores } from '../../store/hooks.ts'
import { Button, cx, Spinner } from '../../ui/index.ts'
import { probeShares } from './card-view.ts'
import s from './hosts.module.css'
import { useText } from './text.ts'

const WORDS = { failed: 'probeFailed', timeout: 'probeTimeout', 'not-run': 'probeNotRun' } as const

const Run = ({ label, run, share }: { label: string; run: ProbeRun; share: number | null }) => {
  const t = useText()
  const format = useFormat()
  const { outcome, milliseconds, message } = run
  const passed = outcome === 'passed'
  return (
    <div>
      <dt>{label}</dt>
      <dd className={cx(passed || outcome === 'not-run' ? undefined : s.probeFailed)}>
        {passed ? (
          <>
            <span className={cx(s.bar)} aria-hidden>
              <i style={{ inlineSize: `${Math.max(share ?? 0, 0.02) * 100}%` }} />
            </span>
            <span>{t('probeTime', { ms: format.number(Math.round(milliseconds ?? 0)) })}</span>
          </>
        ) : (
          <span>
            {t(WORDS[outcome])}
            {message ? (
              <>
                {': '}
                <bdi dir="ltr">{message}</bdi>
              </>
            ) : null}
          </span>
        )}
      </dd>
    </div>
  )
}

/** What the tiny guest said: how long it took with KVM and in emulation, and the way to ask it again. */
export const ProbePart = ({ card: { boot_probe: probe, probing } }: { card: Hypervisor }) => {
  const { host } = useStores()
  const looking = useStore(host.state, state => state.looking)
  const online = useOnline()
  const t = useText()
  const format = useFormat()
  const heading = useId()
  const under = probing || looking
  const shares = probe ? probeShares(probe) : null
  return (
    <section className={cx(s.probe)} aria-labelledby={heading}>
      <h3 id={heading}>{t('probe')}</h3>
      {probe && shares ? (
        <dl>
          <Run label={t('probeKvm')} run={probe.kvm} share={shares.kvm} />
          <Run label={t('probeEmulation')} run={probe.emulation} share={shares.emulation} />
        </dl>
      ) : null}
      <footer>
        {under ? (
          <span className={cx(s.dim)} role="status">
            <Spinner /> {t('probeRunning')}
          </span>
        ) : probe ? (
          <time className={cx(s.dim)} dateTime={new Date(probe.at).toISOString()}>
            {t('probeAt', { when: format.time(probe.at) })}
          </time>
        ) : null}
        <Button
          small
          look="line"
          pending={under}
          reason={online ? null : t('failed')}
          onPress={() => void host.detect()}
        >
          {t('probeAgain')}
        </Button>
      </footer>
    </section>
  )
}
