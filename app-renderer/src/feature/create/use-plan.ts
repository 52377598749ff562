import type { CreatePlan, CreateSeed } from '@vireo/app-main/contract'
import { useCallback } from 'react'
import { useClient } from '../../store/hooks.ts'
import { type Draft, inputOf, seedOnly } from './draft.ts'
import type { Around } from './use-around.ts'
import { type Asked, useAsked } from './use-asked.ts'

/** A hash tells nobody anything, and need not be read over a shoulder. */
export const HIDDEN_HASH = '$6$…'

const linesOf = ({ keys }: Around): readonly string[] => (keys.value ?? []).map(({ line }) => line)

/** What making it would do; not asked while `wanted` is false. */
export const usePlan = (draft: Draft, around: Around, wanted: boolean): Asked<CreatePlan> => {
  const client = useClient()
  const { connection } = around
  const ask = useCallback(
    (input: string) => client.create.plan({ connection, draft: JSON.parse(input) }),
    [client, connection],
  )
  return useAsked(wanted ? JSON.stringify(inputOf(draft, linesOf(around))) : null, ask)
}

/** What cloud-init would be told, whatever else of the draft is wrong or missing. */
export const useSeed = (
  draft: Draft,
  around: Around,
  faulty: ReadonlySet<string>,
  wanted: boolean,
): Asked<CreateSeed> => {
  const client = useClient()
  const { connection } = around
  const ask = useCallback(
    (input: string) => client.create.seed({ connection, draft: JSON.parse(input) }),
    [client, connection],
  )
  return useAsked(wanted ? JSON.stringify(inputOf(seedOnly(draft, faulty), linesOf(around))) : null, ask)
}
