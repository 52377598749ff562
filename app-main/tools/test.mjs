import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { node24, nodeMajor, nodeProgram, root } from './paths.mjs'
import { exits, setup } from './setup.mjs'
import { runThrough } from './spawn.mjs'
import { hasCommand } from './system-packages.mjs'
import { add, failureList, nothing, playwrightCounts, summary, vitestCounts } from './test-results.mjs'

const steps = ['check', 'unit', 'integration', 'e2e']

const usage = `npm test -- [--only ${steps.join('|')}] [--yes] [name pattern]`

const read = file => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined)

const runCheck = async () => {
  const { check } = await import('./check.mjs')
  const results = await check()
  const failures = results.filter(result => !result.passed).map(result => `check › ${result.name}`)
  return { passed: results.length - failures.length, failures, skipped: 0 }
}

const runVitest =
  (...projects) =>
  async ({ reports, pattern }) => {
    const report = join(reports, `${projects[0]}.json`)
    const code = await runThrough(
      nodeProgram(),
      [
        join(root, 'node_modules/vitest/vitest.mjs'),
        'run',
        ...projects.flatMap(project => ['--project', project]),
        ...(pattern ? ['-t', pattern, '--passWithNoTests'] : []),
        ...['--reporter=default', `--reporter=${join(root, 'app-main/tools/vitest-report.mjs')}`],
      ],
      { env: { ...process.env, VIREO_TEST_REPORT: report } },
    )
    return vitestCounts(projects[0], read(report), code)
  }

const runPlaywright = async ({ reports, pattern }) => {
  const report = join(reports, 'e2e.json')
  const args = [join(root, 'node_modules/@playwright/test/cli.js'), 'test', '--config', 'e2e/playwright.config.ts']
  const code = await runThrough(
    nodeProgram(),
    [...args, '--reporter=list,json', ...(pattern ? ['-g', pattern, '--pass-with-no-tests'] : [])],
    { env: { ...process.env, PLAYWRIGHT_JSON_OUTPUT_NAME: report } },
  )
  return playwrightCounts('e2e', read(report), code)
}

const runners = {
  check: runCheck,
  unit: runVitest('unit', 'renderer'),
  integration: runVitest('integration'),
  e2e: runPlaywright,
}

const runSteps = async (chosen, pattern) => {
  const reports = mkdtempSync(join(tmpdir(), 'vireo-reports-'))
  let sum = nothing
  let built = false
  try {
    for (const step of chosen) {
      console.log(`\n== ${step}`)
      // The command line is a program that integration tests run, the page one that a browser opens.
      if (!built && (step === 'e2e' || step === 'integration')) {
        sum = add(sum, await buildCounts())
        built = true
      }
      const counts = await runners[step]({ reports, pattern })
      console.log(`${step}: ${summary(counts)}`)
      sum = add(sum, counts)
    }
  } finally {
    rmSync(reports, { recursive: true, maxRetries: 5 })
  }
  return sum
}

const buildCounts = async () => {
  const failures = []
  for (const tool of ['build.mjs', 'build-agent.mjs'])
    if ((await runThrough(nodeProgram(), [join(root, 'app-main/tools', tool)])) !== 0) failures.push(tool)
  return { ...nothing, failures }
}

/** The daemons run from the first test to the last; those that ran before stay. One that will not end fails no test. */
const withDaemons = async (needed, work) => {
  if (!needed) return work()
  const { ensureDaemons } = await import(pathToFileURL(join(root, 'e2e/fixture/daemons.ts')).href)
  const daemons = await ensureDaemons()
  if (daemons.started.length > 0) console.log(`started: ${daemons.started.join(', ')}`)
  try {
    return await work()
  } finally {
    await daemons.stop().catch(error => console.error(`left running: ${error.message}`))
  }
}

/**
 * Runs all this again where it can run, and gives the exit code; undefined where that is here. The tests are TypeScript, which
 * the Node that came with the system may not run. And libvirt counts a machine as ended when somebody has collected its
 * process, which is an orphan: the first process of a container may do so seconds later, or never.
 */
const elsewhere = args => {
  const script = [join(root, 'app-main/tools/test.mjs'), ...args]
  const node = nodeMajor < 24 && existsSync(node24) ? node24 : process.execPath
  const collected = process.env.VIREO_TEST_COLLECTED === '1' || existsSync('/run/systemd/system') || !hasCommand('tini')
  const env = { ...process.env, VIREO_TEST_COLLECTED: '1' }
  if (!collected) return runThrough('tini', ['-s', '--', node, ...script], { env })
  return node === process.execPath ? undefined : runThrough(node, script)
}

const main = async args => {
  const options = { only: { type: 'string' }, yes: { type: 'boolean', default: false } }
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
  if (values.only !== undefined && !steps.includes(values.only)) throw new Error(`no such step: ${usage}`)
  const ready = await setup({ profile: 'test', yes: values.yes })
  if (ready !== exits.done) return ready
  const again = await elsewhere(args)
  if (again !== undefined) return again
  const pattern = positionals.join(' ')
  const chosen = values.only ? [values.only] : pattern ? steps.filter(step => step !== 'check') : steps
  const daemons = chosen.includes('integration') || chosen.includes('e2e')
  const sum = await withDaemons(daemons, () => runSteps(chosen, pattern))
  for (const line of failureList(sum)) console.log(line)
  console.log(summary(sum))
  return sum.failures.length === 0 && sum.passed > 0 ? 0 : 1
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
