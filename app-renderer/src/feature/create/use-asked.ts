import type { AppError } from '@vireo/app-main/contract'
import { useEffect, useState } from 'react'
import { appErrorOf } from '../../store/app-error.ts'

/** Milliseconds after the last key. */
const PAUSE_MS = 500

export interface Asked<T> {
  /** The last answer; null before the first, and while it was a refusal. */
  readonly value: T | null
  readonly error: AppError | null
  /** Another look at what is filled in now is under way. */
  readonly looking: boolean
  readonly again: () => void
}

interface Answer<T> {
  readonly of: string
  readonly value: T | null
  readonly error: AppError | null
}

/**
 * What the service says of `input`, asked again a moment after every change; not asked while that is null. `ask` stays the
 * same function as long as it means the same.
 */
export const useAsked = <T>(input: string | null, ask: (input: string) => Promise<T>): Asked<T> => {
  const [answer, setAnswer] = useState<Answer<T>>({ of: '', value: null, error: null })
  const [round, setRound] = useState(0)
  const asked = `${round} ${input ?? ''}`
  useEffect(() => {
    if (input === null) return undefined
    let current = true
    const timer = setTimeout(() => {
      ask(input).then(
        value => (current ? setAnswer({ of: asked, value, error: null }) : undefined),
        (thrown: unknown) => (current ? setAnswer({ of: asked, value: null, error: appErrorOf(thrown) }) : undefined),
      )
    }, PAUSE_MS)
    return () => {
      current = false
      clearTimeout(timer)
    }
  }, [ask, input, asked])
  const { value, error } = answer
  return { value, error, looking: input !== null && answer.of !== asked, again: () => setRound(before => before + 1) }
}
