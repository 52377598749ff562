/** The folder that is looked at, and what is in it. */
import type { AppError, DomainId, GuestEntry } from '@vireo/app-main/contract'
import { useCallback, useEffect, useRef, useState } from 'react'
import { appErrorOf } from '../../store/app-error.ts'
import { useClient } from '../../store/hooks.ts'

export interface Folder {
  readonly path: string
  /** Null until it was read, or when it cannot be. */
  readonly entries: readonly GuestEntry[] | null
  readonly error: AppError | null
  readonly loading: boolean
  /** The folder that could be shown last; null before the first. */
  readonly before: string | null
  go(path: string): void
  /** root's home; a guest without one shows its root folder. */
  goHome(): void
  reload(): void
}

const HOME = '/root'
/** Where one was in each machine. */
const lastPaths = new Map<DomainId, string>()

interface Known {
  readonly path: string
  readonly entries: readonly GuestEntry[] | null
  readonly error: AppError | null
}

interface Wanted {
  readonly path: string
  /** Where to go when that is not there. */
  readonly orElse: string | null
}

export const useFolder = (id: DomainId, shown: boolean): Folder => {
  const client = useClient()
  const [wanted, setWanted] = useState<Wanted>(() => ({ path: lastPaths.get(id) ?? HOME, orElse: '/' }))
  const [known, setKnown] = useState<Known>({ path: wanted.path, entries: null, error: null })
  const [loading, setLoading] = useState(false)
  const [round, setRound] = useState(0)
  const asked = useRef(0)

  useEffect(() => {
    if (!shown) return
    const mine = ++asked.current
    const { path, orElse } = wanted
    setLoading(true)
    client.guest.list({ id, path }).then(
      entries => {
        if (mine !== asked.current) return
        lastPaths.set(id, path)
        setLoading(false)
        setKnown({ path, entries, error: null })
      },
      thrown => {
        if (mine !== asked.current) return
        if (orElse !== null && orElse !== path) return setWanted({ path: orElse, orElse: null })
        setLoading(false)
        setKnown({ path, entries: null, error: appErrorOf(thrown) })
      },
    )
    // Reading again while nobody looks would be for nothing; coming back to the tab reads once more.
  }, [client, id, wanted, round, shown])

  const go = useCallback((path: string) => setWanted({ path, orElse: null }), [])
  const goHome = useCallback(() => setWanted({ path: HOME, orElse: '/' }), [])
  const reload = useCallback(() => setRound(count => count + 1), [])
  return { ...known, loading, before: lastPaths.get(id) ?? null, go, goHome, reload }
}
