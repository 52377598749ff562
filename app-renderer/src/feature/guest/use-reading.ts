import type { AppError } from '@vireo/app-main/contract'
import { useCallback, useEffect, useRef, useState } from 'react'
import { appErrorOf } from '../../store/app-error.ts'

export interface Reading<T> {
  /** The last one that came, null until then. */
  readonly value: T | null
  /** Why the newest attempt failed; null when it did not. */
  readonly error: AppError | null
  readonly reload: () => void
}

interface Options {
  /** Read only while somebody looks: also not while the window is out of sight, but as soon as it is in sight. */
  readonly shown: boolean
  /** Milliseconds from one answer to the next question; asked once unless told. */
  readonly everyMs?: number
}

/** Resolves when the window is in sight: at once, or when somebody turns to it. */
const inSight = (signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    if (!document.hidden) return resolve()
    const look = (): void => {
      if (document.hidden) return
      document.removeEventListener('visibilitychange', look)
      resolve()
    }
    document.addEventListener('visibilitychange', look, { signal })
  })

/** Asks for something while it is looked at; `read` must keep its identity from render to render. */
export const useReading = <T>(read: () => Promise<T>, { shown, everyMs }: Options): Reading<T> => {
  const [known, setKnown] = useState<{ read: unknown; value: T | null; error: AppError | null }>({
    read,
    value: null,
    error: null,
  })
  const [round, setRound] = useState(0)
  const rounds = useRef(0)
  useEffect(() => {
    if (!shown) return
    const gone = new AbortController()
    let current = true
    let timer: ReturnType<typeof setTimeout> | undefined
    const ask = async (): Promise<void> => {
      await inSight(gone.signal)
      try {
        const value = await read()
        if (current) setKnown({ read, value, error: null })
      } catch (thrown) {
        const error = appErrorOf(thrown)
        if (current) setKnown(before => ({ read, value: before.read === read ? before.value : null, error }))
      }
      if (current && everyMs !== undefined) timer = setTimeout(() => void ask(), everyMs)
    }
    void ask()
    return () => {
      current = false
      gone.abort()
      clearTimeout(timer)
    }
  }, [read, shown, everyMs, round])
  const reload = useCallback(() => setRound(++rounds.current), [])
  return known.read === read ? { value: known.value, error: known.error, reload } : { value: null, error: null, reload }
}
