/** Sums of one step: how many tests passed and were skipped, and the names of those that failed. */
export const nothing = { passed: 0, failures: [], skipped: 0 }

export const add = (one, other) => ({
  passed: one.passed + other.passed,
  failures: [...one.failures, ...other.failures],
  skipped: one.skipped + other.skipped,
})

/** The one line a reader, or a machine, looks for. */
export const summary = ({ passed, failures, skipped }) =>
  `${passed} passed, ${failures.length} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`

/** What failed, by name, for the end of a long log; empty when nothing did. */
export const failureList = ({ failures }) => failures.map(name => `failed: ${name}`)

/** A step whose program failed has failed, whatever its report says. */
const atLeastOneFailure = (step, counts, exitCode) =>
  exitCode !== 0 && counts.failures.length === 0
    ? { ...counts, failures: [`${step} ended with exit code ${exitCode}`] }
    : counts

/** From the report of `vitest-report.mjs`; undefined when there is none. */
export const vitestCounts = (step, report, exitCode) => atLeastOneFailure(step, report ?? nothing, exitCode)

const specs = suite => [...suite.specs, ...(suite.suites ?? []).flatMap(specs)]

/** From Playwright's JSON report; undefined when there is none. A test that passed only on its second try has passed, and is named by the runner. */
export const playwrightCounts = (step, report, exitCode) => {
  if (!report) return atLeastOneFailure(step, nothing, exitCode)
  const { expected, flaky, skipped } = report.stats
  const unexpected = report.suites
    .flatMap(specs)
    .filter(spec => !spec.ok)
    .map(spec => `${spec.file} › ${spec.title}`)
  const outside = (report.errors ?? []).map(error => `outside of a test: ${String(error.message).split('\n')[0]}`)
  return atLeastOneFailure(step, { passed: expected + flaky, failures: [...unexpected, ...outside], skipped }, exitCode)
}
