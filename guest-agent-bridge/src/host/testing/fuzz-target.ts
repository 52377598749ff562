/**
 * What `npm run fuzz` and CI throw random input at. A file `x.fuzz.ts` beside `x.ts` exports `targets`; it is found by its
 * name, in any room of this package.
 */
import fc from 'fast-check'

export interface FuzzBudget {
  readonly numRuns: number
  readonly seed?: number
  /** Milliseconds after which it is enough. */
  readonly interruptAfterTimeLimit?: number
}

export interface FuzzTarget {
  readonly name: string
  /** Rejects with the smallest input that breaks the property, its seed and path. */
  run(budget: FuzzBudget): Promise<void>
}

export const fuzzTarget = <Input>(name: string, property: fc.IRawProperty<Input>): FuzzTarget => ({
  name,
  run: async budget => {
    await fc.assert(property, { ...budget, markInterruptAsFailure: false })
  },
})
