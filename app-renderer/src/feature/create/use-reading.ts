import type { AppError } from '@vireo/app-main/contract'
import { useCallback, useEffect, useState } from 'react'
import { appErrorOf } from '../../store/app-error.ts'

export interface Reading<T> {
  /** The last answer; null before the first. */
  readonly value: T | null
  readonly error: AppError | null
  readonly again: () => void
}

/** Asks when `ask` changes and whenever it is told to; what came before stays until the answer. Null: nothing to ask. */
export const useReading = <T>(ask: (() => Promise<T>) | null): Reading<T> => {
  const [state, setState] = useState<{ value: T | null; error: AppError | null }>({ value: null, error: null })
  const [round, setRound] = useState(0)
  useEffect(() => {
    if (ask === null) return undefined
    let current = true
    ask().then(
      value => (current ? setState({ value, error: null }) : undefined),
      (thrown: unknown) => (current ? setState(({ value }) => ({ value, error: appErrorOf(thrown) })) : undefined),
    )
    return () => {
      current = false
    }
  }, [ask, round])
  const again = useCallback(() => setRound(before => before + 1), [])
  return { ...state, again }
}
