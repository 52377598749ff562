import { globSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { FuzzTarget } from './host/testing/fuzz-target.ts'

/** The same inputs each time: a failure here is one that somebody just made. */
const BUDGET = { numRuns: 150, seed: 20_261_121 }

const files = globSync('**/*.fuzz.ts', { cwd: import.meta.dirname }).sort()

test('there is something to fuzz', () => {
  expect(files.length).toBeGreaterThan(0)
})

describe.each(files)('%s', async file => {
  const { targets } = (await import(join(import.meta.dirname, file))) as { targets: readonly FuzzTarget[] }
  test.each([...targets])('$name', async target => {
    await target.run(BUDGET)
  })
})
