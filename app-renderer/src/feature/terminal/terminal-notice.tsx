import type { AppError, DomainSummary, TerminalEnd } from '@vireo/app-main/contract'
import type { ReactNode } from 'react'
import { useFormat } from '../../i18n/format.ts'
import { Banner, Button, EmptyState, Spinner } from '../../ui/index.ts'
import { ConsoleNotice, Cover } from '../console/console-notice.tsx'
import type { KeeperState } from '../console/stream-keeper.ts'
import { useText } from './text.ts'

interface TerminalNoticeProps {
  domain: DomainSummary
  state: KeeperState
  onRetry: () => void
  onForget: () => void
  onAccess: () => void
}

/** Stands in the terminal's place while there is nothing to see: why, and what to do. */
export const TerminalNotice = ({ domain, state, onRetry, onForget, onAccess }: TerminalNoticeProps) => {
  const t = useText()
  const access = (
    <Button look="line" icon="settings" onPress={onAccess}>
      {t('access')}
    </Button>
  )
  if (state.kind === 'waiting' && state.error)
    return (
      <Told
        art={<Spinner size={28} />}
        title={t('unreachableTitle')}
        error={state.error}
        more={t('trying')}
        actions={
          <>
            {access}
            <Button look="solid" onPress={onRetry}>
              {t('tryNow')}
            </Button>
          </>
        }
      />
    )
  if (state.kind !== 'failed' || state.error.kind === 'permission')
    return <ConsoleNotice domain={domain} state={state} onRetry={onRetry} />
  // What the session said last stays to be read.
  if (state.error.kind === 'cancelled') return null
  const changed = state.error.kind === 'host-key'
  return (
    <Told
      title={t(changed ? 'keyTitle' : 'failedTitle')}
      error={state.error}
      actions={
        <>
          {access}
          <Button look={changed ? 'line' : 'solid'} onPress={onRetry}>
            {t('again')}
          </Button>
          {changed ? (
            <Button look="danger" icon="trash" onPress={onForget}>
              {t('forget')}
            </Button>
          ) : null}
        </>
      }
    />
  )
}

interface ToldProps {
  title: string
  error: AppError
  art?: ReactNode
  more?: string
  actions: ReactNode
}

const Told = ({ title, error, art, more, actions }: ToldProps) => (
  <Cover>
    <EmptyState icon="warn" art={art} title={title} actions={actions}>
      <p>{error.message}</p>
      {error.hint ? <p>{error.hint}</p> : null}
      {more ? <p>{more}</p> : null}
    </EmptyState>
  </Cover>
)

/** Nobody logs in again by itself: the terminal stays as it was left. */
export const hasEnded = (state: KeeperState): boolean => state.kind === 'failed' && state.error.kind === 'cancelled'

/** Above a terminal whose session is over. */
export const EndedBanner = ({ end, onAgain }: { end: TerminalEnd | null; onAgain: () => void }) => {
  const t = useText()
  const format = useFormat()
  const lost = end?.lost ?? false
  const code = end?.exitCode ?? null
  return (
    <Banner
      tone={lost ? 'pause' : 'info'}
      title={t(lost ? 'lostTitle' : 'endedTitle')}
      actions={
        <Button look="line" small onPress={onAgain}>
          {t('again')}
        </Button>
      }
    >
      {lost ? t('lostBody') : code === null ? null : t('endedCode', { code: format.number(code) })}
    </Banner>
  )
}
