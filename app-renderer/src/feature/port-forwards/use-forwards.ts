import type { AppError, DomainId, Forward } from '@vireo/app-main/contract'
import { useEffect, useState } from 'react'
import { appErrorOf } from '../../store/app-error.ts'
import { useClient, useOnline } from '../../store/hooks.ts'
import { Follower } from '../networks/follower.ts'

interface Forwards {
  /** Null before the first answer. */
  readonly all: readonly Forward[] | null
  readonly error: AppError | null
}

const SOON_MS = 60

/** The forwards of one machine, or all of them, asked for again whenever something about them is told. */
export const useForwards = (id: DomainId | null, shown: boolean): Forwards => {
  const client = useClient()
  const online = useOnline()
  const [known, setKnown] = useState<Forwards>({ all: null, error: null })
  useEffect(() => {
    if (!online || !shown) return undefined
    const follower = new Follower(async current => {
      try {
        const all = await client.forward.list({})
        if (current()) setKnown({ all, error: null })
      } catch (thrown) {
        if (current()) setKnown(({ all }) => ({ all, error: appErrorOf(thrown) }))
      }
    })
    const end = client.forward.changed(() => follower.soon(SOON_MS))
    follower.soon(0)
    return () => {
      end()
      follower.dispose()
    }
  }, [client, online, shown])
  return id === null ? known : { ...known, all: known.all?.filter(({ domain }) => domain === id) ?? null }
}
