import type { AppError, DomainSummary, MediaState } from '@vireo/app-main/contract'
import { useEffect, useState } from 'react'
import { appErrorOf } from '../../store/app-error.ts'
import { useClient, useIsLastKnown } from '../../store/hooks.ts'
import { Follower } from '../networks/follower.ts'

interface KnownMedia {
  /** Null before the first answer. */
  readonly media: MediaState | null
  readonly error: AppError | null
}

const SOON_MS = 60

/** What lies in a machine's drives, asked for again when it is changed and when the machine starts or ends. */
export const useMedia = (domain: DomainSummary, shown: boolean): KnownMedia => {
  const client = useClient()
  const old = useIsLastKnown(domain)
  const { id, state } = domain
  const [known, setKnown] = useState<KnownMedia>({ media: null, error: null })
  useEffect(() => {
    // Nobody could be asked; after a reconnect they are read anew.
    if (old || !shown) return undefined
    const follower = new Follower(async current => {
      try {
        const media = await client.media.list({ id })
        if (current()) setKnown({ media, error: null })
      } catch (thrown) {
        if (current()) setKnown(({ media }) => ({ media, error: appErrorOf(thrown) }))
      }
    })
    const end = client.media.changed(changed => (changed.id === id ? follower.soon(SOON_MS) : undefined))
    follower.soon(0)
    return () => {
      end()
      follower.dispose()
    }
  }, [client, id, old, shown, state])
  return known
}
