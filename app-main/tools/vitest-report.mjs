import { writeFileSync } from 'node:fs'

const firstLine = error => String(error?.message ?? error).split('\n')[0]

/** An error that nobody waited for: what it says alone would not tell where to look. */
const strayError = error =>
  [
    `outside of a test: ${firstLine(error)}`,
    ...(error?.VITEST_TEST_PATH ? [`while ${error.VITEST_TEST_PATH.replace(`${process.cwd()}/`, '')} ran`] : []),
    ...(error?.VITEST_TEST_NAME ? [`about “${error.VITEST_TEST_NAME}”`] : []),
    ...String(error?.stack ?? '')
      .split('\n')
      .filter(line => /^\s+at /.test(line))
      .slice(0, 4)
      .map(line => line.trim()),
  ].join(', ')

/** Suites and files fail too: in a hook, or because they cannot be loaded. */
const brokenSuites = modules =>
  modules
    .flatMap(module => [module, ...module.children.allSuites()].map(suite => ({ module, suite })))
    .flatMap(({ module, suite }) =>
      suite
        .errors()
        .map(error => [module.relativeModuleId, suite.fullName, firstLine(error)].filter(Boolean).join(' › ')),
    )

// vitest takes the default export of a reporter's file, and nothing else.
/** vitest's reporter for `npm test`: writes `{ passed, failures, skipped }` to the file that VIREO_TEST_REPORT names. */
// oxlint-disable-next-line import/no-default-export
export default class VitestReport {
  onTestRunEnd(modules, unhandledErrors) {
    const tests = modules.flatMap(module => [...module.children.allTests()])
    const inState = state => tests.filter(test => test.result().state === state)
    const failures = [
      ...inState('failed').map(test => `${test.module.relativeModuleId} › ${test.fullName}`),
      ...brokenSuites(modules),
      ...unhandledErrors.map(strayError),
    ]
    const report = {
      passed: inState('passed').length,
      failures,
      skipped: inState('skipped').length + inState('pending').length,
    }
    writeFileSync(process.env.VIREO_TEST_REPORT, JSON.stringify(report))
  }
}
