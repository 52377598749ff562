import type { Connection } from '@vireo/app-main/contract'
import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { useFormat } from '../../i18n/format.ts'
import { appErrorOf } from '../../store/app-error.ts'
import { useConnections, useOnline, useStores } from '../../store/hooks.ts'
import { Banner, Button, cx } from '../../ui/index.ts'
import { showFailure } from '../action/run-action.ts'
import { removeConnection } from '../sidebar/connection-entries.ts'
import { Fix } from './connection-trouble.tsx'
import s from './notices.module.css'
import { usePlaceName } from './place.ts'
import { useText } from './text.ts'

type Troubled = 'lost' | 'not-responding' | 'unavailable'
const isTroubled = (state: Connection['state']): state is Troubled => state !== 'ready' && state !== 'connecting'

/** What a daemon says may end without a full stop, and more follows here. */
const asSentence = (words: string | undefined): string => (words ?? '').trim().replace(/([^.!?…])$/u, '$1.')

/** The present moment, kept up to date while somebody waits for another one. */
const useNow = (running: boolean): number => {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (!running) return undefined
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [running])
  return now
}

const ConnectionBanner = ({ connection, state }: { connection: Connection; state: Troubled }) => {
  const stores = useStores()
  const t = useText()
  const place = usePlaceName()
  const format = useFormat()
  const now = useNow(connection.retryAt !== null)
  const { error, retryAt, uri } = connection
  const retry = (): void => {
    stores.client.connection.retry({ uri }).catch((thrown: unknown) => showFailure(t('retry'), appErrorOf(thrown)))
  }
  return (
    <Banner
      tone={state === 'unavailable' ? 'fail' : 'pause'}
      title={t(`banner.${state}`, { place: place(uri) })}
      actions={
        <>
          <Button small look="line" onPress={retry}>
            {t('retry')}
          </Button>
          {state === 'unavailable' && connection.domainCount === 0 ? (
            <Button small onPress={() => void removeConnection(stores, connection)}>
              {t('remove')}
            </Button>
          ) : null}
        </>
      }
    >
      {state === 'lost' ? null : <bdi>{[error?.message, error?.hint].map(asSentence).join(' ')}</bdi>}{' '}
      {connection.domainCount > 0 ? `${t('staleBody')} ` : null}
      {retryAt !== null && retryAt > now ? (
        <span aria-live="off">{t('retryAt', { when: format.relative(retryAt, now) })}</span>
      ) : null}
      {state === 'unavailable' ? <Fix error={error} /> : null}
    </Banner>
  )
}

/** Strips above everything: the server behind the window, then each connection that is not as it should be. */
export const Banners = () => {
  const online = useOnline()
  const connections = useConnections()
  const anyMachine = useStore(useStores().domains.state, state => state.byId.size > 0)
  const t = useText()
  const anyReady = [...connections.values()].some(connection => connection.state === 'ready')
  if (!online)
    return (
      <div className={cx(s.stack)}>
        <Banner tone="fail" title={t('serverGone')}>
          {t('serverGoneBody')}
        </Banner>
      </div>
    )
  // With nothing else to show the cards in the centre say it, in full.
  if (!anyMachine && !anyReady) return null
  return (
    <div className={cx(s.stack)}>
      {[...connections.values()].map(connection =>
        isTroubled(connection.state) ? (
          <ConnectionBanner key={connection.uri} connection={connection} state={connection.state} />
        ) : null,
      )}
    </div>
  )
}
