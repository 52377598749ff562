/** Sums of one step: how many tests passed, failed and were skipped. */
export const nothing = { passed: 0, failed: 0, skipped: 0 }

export const add = (one, other) => ({
  passed: one.passed + other.passed,
  failed: one.failed + other.failed,
  skipped: one.skipped + other.skipped,
})

/** The one line a reader, or a machine, looks for. */
export const summary = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`

/** A step whose program failed has failed, whatever its report says: a file that cannot be loaded holds no tests. */
const atLeastOneFailure = (counts, exitCode) =>
  exitCode !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts

/** From vitest's JSON report; undefined when there is none. */
export const vitestCounts = (report, exitCode) => {
  if (!report) return atLeastOneFailure(nothing, exitCode)
  const unloaded = report.testResults.filter(file => file.status === 'failed' && file.assertionResults.length === 0)
  const counts = {
    passed: report.numPassedTests,
    failed: report.numFailedTests + unloaded.length,
    skipped: report.numPendingTests + (report.numTodoTests ?? 0),
  }
  return atLeastOneFailure(counts, exitCode)
}

/** From Playwright's JSON report; undefined when there is none. A test that passed only on its second try has passed, and is named by the runner. */
export const playwrightCounts = (report, exitCode) => {
  if (!report) return atLeastOneFailure(nothing, exitCode)
  const { expected, unexpected, flaky, skipped } = report.stats
  return atLeastOneFailure({ passed: expected + flaky, failed: unexpected, skipped }, exitCode)
}
