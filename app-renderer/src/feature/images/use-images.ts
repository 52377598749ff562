import type { AppError, CatalogueImage, ImageCacheState, ImageUsers } from '@vireo/app-main/contract'
import { useCallback, useEffect, useState } from 'react'
import { appErrorOf } from '../../store/app-error.ts'
import { useOnline, useStores } from '../../store/hooks.ts'
import { Follower } from '../networks/follower.ts'

export interface Listed {
  readonly cache: ImageCacheState
  readonly catalogue: readonly CatalogueImage[]
}

export interface Images {
  /** Null before the first answer. */
  readonly listed: Listed | null
  /** Why the last list failed; what is shown is then older. */
  readonly error: AppError | null
  /** Null before the first answer. It takes longer than the list: all storage pools are looked through. */
  readonly users: ImageUsers | null
  readonly usersError: AppError | null
  readonly reload: () => void
}

/** One change is several events. */
const SOON_MS = 60
/** Rooms whose tasks change what machines need. */
const ROOMS: ReadonlySet<string> = new Set(['image', 'create', 'domain'])

const NOTHING = { listed: null, error: null, users: null, usersError: null }

/** What is here and what can be had, asked for again whenever something about it is told. */
export const useImages = (): Images => {
  const { client, tasks } = useStores()
  const online = useOnline()
  const [known, setKnown] = useState<Omit<Images, 'reload'>>(NOTHING)
  const [count, setCount] = useState(0)
  const reload = useCallback(() => setCount(before => before + 1), [])
  useEffect(() => {
    if (!online) return undefined
    const list = new Follower(async current => {
      try {
        const [cache, catalogue] = await Promise.all([client.image.list({}), client.image.catalogue({})])
        if (current()) setKnown(before => ({ ...before, listed: { cache, catalogue }, error: null }))
      } catch (thrown) {
        if (current()) setKnown(before => ({ ...before, error: appErrorOf(thrown) }))
      }
    })
    const needed = new Follower(async current => {
      try {
        const users = await client.image.users({})
        if (current()) setKnown(before => ({ ...before, users, usersError: null }))
      } catch (thrown) {
        if (current()) setKnown(before => ({ ...before, usersError: appErrorOf(thrown) }))
      }
    })
    const both = (): void => {
      list.soon(SOON_MS)
      needed.soon(SOON_MS)
    }
    const ends = [
      client.image.changed(both),
      tasks.onEnded(({ room }) => (ROOMS.has(room) ? both() : undefined)),
      client.connection.removed(() => needed.soon(SOON_MS)),
    ]
    list.soon(0)
    needed.soon(0)
    return () => {
      for (const end of ends) end()
      list.dispose()
      needed.dispose()
    }
  }, [client, tasks, online, count])
  return { ...known, reload }
}
