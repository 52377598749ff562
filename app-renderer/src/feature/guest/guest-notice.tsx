/** Stands where a guest would show, while it cannot: why, and what to do. */
import type { AppError, DomainSummary } from '@vireo/app-main/contract'
import { failureText } from '../../store/app-error.ts'
import { Button, EmptyState } from '../../ui/index.ts'
import { EntryButton, StartButton, UnlockButton } from '../console/console-notice.tsx'
import { useText } from './text.ts'

/** Nothing in the machine can answer: it is off, or stands still. */
export const GuestAsleep = ({ domain, children }: { domain: DomainSummary; children: string }) => {
  const t = useText()
  const still = domain.state === 'paused' || domain.state === 'suspended'
  return (
    <EmptyState
      icon={still ? 'pause' : 'power'}
      title={t(still ? 'pausedTitle' : 'offTitle')}
      actions={still ? <EntryButton name="resume" domain={domain} look="solid" /> : <StartButton domain={domain} />}
    >
      <p>{children}</p>
    </EmptyState>
  )
}

/** The guest could not be asked. */
export const GuestSilent = ({ error, onAgain }: { error: AppError; onAgain: () => void }) => {
  const t = useText()
  return (
    <EmptyState
      icon={error.kind === 'permission' ? 'lock' : 'question'}
      title={t('failed')}
      actions={
        <Button look="line" icon="reboot" onPress={onAgain}>
          {t('again')}
        </Button>
      }
    >
      <p>
        <bdi>{failureText(error)}</bdi>
      </p>
    </EmptyState>
  )
}

/** The connection is for looking only. */
export const GuestLocked = ({ domain }: { domain: DomainSummary }) => {
  const t = useText()
  return (
    <EmptyState icon="lock" title={t('lockedTitle')} actions={<UnlockButton domain={domain} />}>
      <p>{t('lockedBody')}</p>
    </EmptyState>
  )
}
