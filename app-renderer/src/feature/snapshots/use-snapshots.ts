import type { AppError, DomainSummary, InstanceSnapshot } from '@vireo/app-main/contract'
import { useEffect, useState } from 'react'
import { appErrorOf } from '../../store/app-error.ts'
import { useClient, useIsLastKnown } from '../../store/hooks.ts'
import { Follower } from '../networks/follower.ts'

interface Snapshots {
  /** Null before the first answer; the newest first. */
  readonly all: readonly InstanceSnapshot[] | null
  readonly error: AppError | null
}

const SOON_MS = 60

const newestFirst = (all: readonly InstanceSnapshot[]): readonly InstanceSnapshot[] =>
  all.toSorted((a, b) => (b.createdAt ?? 0) - (a.createdAt ?? 0))

/** The snapshots of one machine, asked for again whenever something about them is told. */
export const useSnapshots = (domain: DomainSummary, shown: boolean): Snapshots => {
  const client = useClient()
  const old = useIsLastKnown(domain)
  const { id } = domain
  const [known, setKnown] = useState<Snapshots>({ all: null, error: null })
  useEffect(() => {
    // Nobody could be asked; after a reconnect they are read anew.
    if (old || !shown) return undefined
    const follower = new Follower(async current => {
      try {
        const all = newestFirst(await client.lxd.snapshots({ id }))
        if (current()) setKnown({ all, error: null })
      } catch (thrown) {
        if (current()) setKnown(({ all }) => ({ all, error: appErrorOf(thrown) }))
      }
    })
    const end = client.lxd.snapshotsChanged(changed => (changed.id === id ? follower.soon(SOON_MS) : undefined))
    follower.soon(0)
    return () => {
      end()
      follower.dispose()
    }
  }, [client, id, old, shown])
  return known
}
