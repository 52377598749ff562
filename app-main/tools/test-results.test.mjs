import { expect, test } from 'vitest'
import { add, nothing, playwrightCounts, summary, vitestCounts } from './test-results.mjs'

const report = (counts, files = []) => ({
  ...{ numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: files },
  ...counts,
})

test('sums and says them on one line', () => {
  const sum = add({ passed: 3, failed: 1, skipped: 0 }, { passed: 2, failed: 0, skipped: 0 })
  expect(summary(sum)).toBe('5 passed, 1 failed')
  expect(summary(add(sum, { ...nothing, skipped: 2 }))).toBe('5 passed, 1 failed, 2 skipped')
})

test('vitest: a file that could not be loaded is a failure', () => {
  const files = [{ status: 'failed', assertionResults: [] }]
  expect(vitestCounts(report({ numPassedTests: 4, numPendingTests: 1 }, files), 1)).toEqual({
    passed: 4,
    failed: 1,
    skipped: 1,
  })
})

test('a step that fails without a failed test, or without a report, has one failure', () => {
  expect(vitestCounts(report({ numPassedTests: 4 }), 1)).toEqual({ passed: 4, failed: 1, skipped: 0 })
  expect(vitestCounts(undefined, 127).failed).toBe(1)
  expect(playwrightCounts(undefined, 1).failed).toBe(1)
})

test('Playwright: a test that passed on its second try has passed', () => {
  const stats = { expected: 7, unexpected: 1, flaky: 1, skipped: 2 }
  expect(playwrightCounts({ stats }, 1)).toEqual({ passed: 8, failed: 1, skipped: 2 })
})
