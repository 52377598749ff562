import type { AppError, DomainSummary } from '@vireo/app-main/contract'
import type { ReactNode } from 'react'
import { hindranceOf } from '../../store/action.ts'
import { useConnection, useEntries, useOnline, useStores } from '../../store/hooks.ts'
import { Button, EmptyState, Spinner } from '../../ui/index.ts'
import { entryIcon, entryTitle, hindranceWords } from '../action/action-words.ts'
import { runEntry, showFailure } from '../action/run-action.ts'
import { appErrorOf } from '../../store/app-error.ts'
import s from './console.module.css'
import type { KeeperState } from './stream-keeper.ts'
import { text, useText } from './text.ts'

interface ConsoleNoticeProps {
  domain: DomainSummary
  state: KeeperState
  onRetry: () => void
  onTakeOver?: () => void
}

/** Stands in a console's place while nothing can be shown; null while it is open. */
export const ConsoleNotice = ({ domain, state, onRetry, onTakeOver }: ConsoleNoticeProps) => {
  const t = useText()
  switch (state.kind) {
    case 'open':
      return null
    case 'off':
      return (
        <Cover>
          <EmptyState
            icon="power"
            title={t(domain.state === 'crashed' ? 'crashedTitle' : 'offTitle', { name: domain.name })}
            actions={<StartButton domain={domain} />}
          >
            <p>{domain.reason ?? t('offBody')}</p>
          </EmptyState>
        </Cover>
      )
    case 'connecting':
      return <Connecting />
    case 'waiting':
      return (
        <Cover>
          <EmptyState
            art={<Spinner size={28} />}
            title={t('waitingTitle')}
            actions={
              <Button look="line" onPress={onRetry}>
                {t('tryNow')}
              </Button>
            }
          >
            <p>{[state.error?.message, t('waitingBody')].filter(Boolean).join(' ')}</p>
          </EmptyState>
        </Cover>
      )
    case 'failed':
      return <Failed domain={domain} error={state.error} onRetry={onRetry} {...(onTakeOver ? { onTakeOver } : {})} />
  }
}

/** Covers the console, whose last picture would otherwise look alive. */
export const Cover = ({ children }: { children: ReactNode }) => (
  <div className={s.cover} role="status">
    {children}
  </div>
)

export const Connecting = () => {
  const t = useText()
  return (
    <Cover>
      <EmptyState art={<Spinner size={28} />} title={t('connecting')} />
    </Cover>
  )
}

interface FailedProps {
  domain: DomainSummary
  error: AppError
  onRetry: () => void
  onTakeOver?: () => void
}

const Failed = ({ domain, error, onRetry, onTakeOver }: FailedProps) => {
  const t = useText()
  const busy = error.kind === 'busy' && onTakeOver
  return (
    <Cover>
      <EmptyState
        icon={error.kind === 'permission' || busy ? 'lock' : 'warn'}
        title={t(busy ? 'busyTitle' : 'failedTitle')}
        actions={
          <>
            <Button look="line" onPress={onRetry}>
              {t('tryAgain')}
            </Button>
            {busy ? (
              <Button look="solid" onPress={onTakeOver}>
                {t('takeOver')}
              </Button>
            ) : null}
            {error.kind === 'permission' ? <UnlockButton domain={domain} onUnlocked={onRetry} /> : null}
          </>
        }
      >
        <p>{error.kind === 'busy' ? t('busyBody', { holder: error.holder }) : error.message}</p>
        {error.hint ? <p>{error.hint}</p> : null}
      </EmptyState>
    </Cover>
  )
}

interface UnlockProps {
  domain: DomainSummary
  onUnlocked?: () => void
  look?: 'solid' | 'line'
  small?: boolean
}

/** Asks the system for more than looking; says why when it refuses. */
export const UnlockButton = ({ domain, onUnlocked, look = 'solid', small = false }: UnlockProps) => {
  const t = useText()
  const { client } = useStores()
  const unlock = async (): Promise<void> => {
    try {
      await client.connection.unlock({ uri: domain.connection })
      onUnlocked?.()
    } catch (thrown) {
      showFailure(text('unlock'), appErrorOf(thrown))
    }
  }
  return (
    <Button look={look} small={small} icon="unlock" onPress={() => void unlock()}>
      {t('unlock')}
    </Button>
  )
}

/** Starts the machine, or says why that cannot be done. */
export const StartButton = ({ domain }: { domain: DomainSummary }) => (
  <EntryButton name="start" domain={domain} look="solid" />
)

/** A button for one of the contract's calls on this machine, with the reason when it cannot be used. */
export const EntryButton = ({
  name,
  domain,
  look,
}: {
  name: string
  domain: DomainSummary
  look: 'solid' | 'line'
}) => {
  const stores = useStores()
  const entry = useEntries().find(one => one.room === 'domain' && one.name === name)
  const connection = useConnection(domain.connection)
  const online = useOnline()
  if (!entry) return null
  return (
    <Button
      look={look}
      icon={entryIcon(entry)}
      reason={hindranceWords(hindranceOf(entry, domain, connection, online))}
      onPress={() => void runEntry(stores, entry, [domain])}
    >
      {entryTitle(entry)}
    </Button>
  )
}
