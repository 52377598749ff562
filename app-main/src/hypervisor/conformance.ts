/**
 * What every driver must do, said once. Each behaviour runs against a bench: in memory in the unit tests, on a real
 * hypervisor in the integration tests. It needs no test framework, so that drivers elsewhere can use it too.
 */
import type { Behaviour } from './conformance-bench.ts'
import { consoleBehaviours } from './conformance-console.ts'
import { definitionBehaviours } from './conformance-definition.ts'
import { guestBehaviours } from './conformance-guest.ts'
import { lifecycleBehaviours } from './conformance-lifecycle.ts'

export type { Behaviour, Bench, Need } from './conformance-bench.ts'

export const behaviours: readonly Behaviour[] = [
  ...definitionBehaviours,
  ...lifecycleBehaviours,
  ...consoleBehaviours,
  ...guestBehaviours,
]
