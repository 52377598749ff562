import type { AppError, CreatePlan } from '@vireo/app-main/contract'
import { useEffect, useState } from 'react'
import { appErrorOf } from '../../store/app-error.ts'
import { useClient } from '../../store/hooks.ts'
import { type Draft, inputOf } from './draft.ts'
import type { Around } from './use-around.ts'

/** Milliseconds after the last key. */
const PLAN_MS = 500

export interface Planned {
  readonly plan: CreatePlan | null
  readonly error: AppError | null
  /** Another look at what is filled in now is under way. */
  readonly looking: boolean
  readonly again: () => void
}

interface Answer {
  readonly of: string
  readonly plan: CreatePlan | null
  readonly error: AppError | null
}

const NONE: Answer = { of: '', plan: null, error: null }

/** What making it would do, asked again a moment after every change; not asked while `wanted` is false. */
export const usePlan = (draft: Draft, { connection, keys }: Around, wanted: boolean): Planned => {
  const client = useClient()
  const [answer, setAnswer] = useState(NONE)
  const [round, setRound] = useState(0)
  const input = JSON.stringify(
    inputOf(
      draft,
      (keys.value ?? []).map(({ line }) => line),
    ),
  )
  const asked = `${round} ${connection} ${input}`
  useEffect(() => {
    if (!wanted) return undefined
    let current = true
    const timer = setTimeout(() => {
      client.create.plan({ connection, draft: JSON.parse(input) }).then(
        plan => (current ? setAnswer({ of: asked, plan, error: null }) : undefined),
        (thrown: unknown) => (current ? setAnswer({ of: asked, plan: null, error: appErrorOf(thrown) }) : undefined),
      )
    }, PLAN_MS)
    return () => {
      current = false
      clearTimeout(timer)
    }
  }, [client, connection, input, asked, wanted])
  const { plan, error } = answer
  return { plan, error, looking: wanted && answer.of !== asked, again: () => setRound(before => before + 1) }
}
