import { expect, test } from 'vitest'
import { add, failureList, nothing, playwrightCounts, summary, vitestCounts } from './test-results.mjs'

test('sums and says them on one line, and what failed by name', () => {
  const sum = add({ passed: 3, failures: ['a › one'], skipped: 0 }, { passed: 2, failures: [], skipped: 0 })
  expect(summary(sum)).toBe('5 passed, 1 failed')
  expect(failureList(sum)).toEqual(['failed: a › one'])
  expect(summary(add(sum, { ...nothing, skipped: 2 }))).toBe('5 passed, 1 failed, 2 skipped')
})

test('vitest: its report is taken as it is', () => {
  const report = { passed: 4, failures: ['x.test.ts › y'], skipped: 1 }
  expect(vitestCounts('unit', report, 1)).toEqual(report)
})

test('a step that fails without a failed test, or without a report, has one failure', () => {
  expect(vitestCounts('unit', { passed: 4, failures: [], skipped: 0 }, 1)).toEqual({
    passed: 4,
    failures: ['unit ended with exit code 1'],
    skipped: 0,
  })
  expect(vitestCounts('unit', undefined, 127).failures).toHaveLength(1)
  expect(playwrightCounts('e2e', undefined, 1).failures).toHaveLength(1)
})

test('Playwright: a test that passed on its second try has passed, one that never did is named', () => {
  const stats = { expected: 7, unexpected: 1, flaky: 1, skipped: 2 }
  const suites = [
    {
      specs: [{ file: 'a.spec.ts', title: 'good', ok: true }],
      suites: [{ specs: [{ file: 'a.spec.ts', title: 'bad', ok: false }] }],
    },
  ]
  expect(playwrightCounts('e2e', { stats, suites }, 1)).toEqual({
    passed: 8,
    failures: ['a.spec.ts › bad'],
    skipped: 2,
  })
})
