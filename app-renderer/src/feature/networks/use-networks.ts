import type { AppError, ConnectionNetworks } from '@vireo/app-main/contract'
import { useCallback, useEffect, useState } from 'react'
import { appErrorOf } from '../../store/app-error.ts'
import { useClient, useOnline } from '../../store/hooks.ts'
import { Follower } from './follower.ts'

export interface Networks {
  /** Null before the first answer. */
  readonly all: readonly ConnectionNetworks[] | null
  /** Why the last list failed; what is shown is then older. */
  readonly error: AppError | null
  readonly reload: () => void
}

/** Milliseconds after news of machines: a machine that was defined may be plugged into something else now. */
const MACHINES_MS = 1000
/** One change is several events. */
const NETWORKS_MS = 60

/** The networks of all connections, asked for again whenever something about them is told. */
export const useNetworks = (): Networks => {
  const client = useClient()
  const online = useOnline()
  const [known, setKnown] = useState<Omit<Networks, 'reload'>>({ all: null, error: null })
  const [count, setCount] = useState(0)
  const reload = useCallback(() => setCount(before => before + 1), [])
  useEffect(() => {
    const read = async (current: () => boolean): Promise<void> => {
      try {
        const all = await client.network.list({ partial: true })
        if (current()) setKnown({ all, error: null })
      } catch (thrown) {
        if (current()) setKnown(({ all }) => ({ all, error: appErrorOf(thrown) }))
      }
    }
    if (!online) return undefined
    const follower = new Follower(read)
    const ends = [
      client.network.changed(() => follower.soon(NETWORKS_MS)),
      client.connection.changed(() => follower.soon(MACHINES_MS)),
      client.connection.removed(() => follower.soon(NETWORKS_MS)),
      client.domain.changed(() => follower.soon(MACHINES_MS)),
    ]
    follower.soon(0)
    return () => {
      for (const end of ends) end()
      follower.dispose()
    }
  }, [client, online, count])
  return { ...known, reload }
}
