/** `npm run bench`: measures, prints a table and writes JSON. A missed budget is a finding, not a failure. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ensureDaemons } from '../fixture/daemons.ts'
import { describeMachine } from './machine.ts'
import { BUSY, othersBusy } from './others.ts'
import { table, type Figure } from './report.ts'
import { runSuite } from './run-suite.ts'
import { suites } from './suites.ts'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

const usage = `npm run bench -- [--only ${Object.keys(suites).join('|')}]... [--json FILE]`

interface Outcome {
  readonly figures: readonly Figure[]
  /** Suites that could not be measured, and why. */
  readonly failures: Readonly<Record<string, string>>
}

/** All suites, one after the other; who interrupts gets what was measured until then. */
const measure = async (chosen: readonly string[], stop: AbortSignal): Promise<Outcome> => {
  const figures: Figure[] = []
  const failures: Record<string, string> = {}
  for (const name of chosen) {
    if (stop.aborted) break
    console.log(`\n== ${name}`)
    const start = performance.now()
    try {
      const before = await othersBusy()
      const found = await runSuite(name, suites[name]?.deadline ?? 0, stop)
      const busy = Math.max(before, await othersBusy())
      const marked = busy > BUSY ? found.map(figure => ({ ...figure, busy: Math.round(busy) })) : found
      console.log(table(marked))
      figures.push(...marked)
    } catch (error) {
      failures[name] = error instanceof Error ? error.message : String(error)
      console.error(`${name} could not be measured: ${failures[name]}`)
      await suites[name]?.clear?.().catch((left: unknown) => console.error(`${name} could not be cleared up:`, left))
    }
    console.log(`${((performance.now() - start) / 1000).toFixed(0)} s`)
  }
  return { figures, failures }
}

/** Most suites have daemons of their own, but guests with a network and hosts need the real ones. */
const measureWithDaemons = async (chosen: readonly string[], stop: AbortSignal): Promise<Outcome> => {
  const daemons = await ensureDaemons()
  try {
    return await measure(chosen, stop)
  } finally {
    await daemons.stop()
  }
}

const main = async (args: readonly string[]): Promise<number> => {
  const { values } = parseArgs({
    args: [...args],
    options: { only: { type: 'string', multiple: true }, json: { type: 'string' } },
  })
  const chosen = values.only ?? Object.keys(suites)
  const unknown = chosen.filter(name => !(name in suites))
  if (unknown.length > 0) throw new Error(`no such figures: ${unknown.join(', ')}: ${usage}`)
  const machine = await describeMachine()
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.abort())
  const { figures, failures } = await measureWithDaemons(chosen, stop.signal)
  const file = resolve(values.json ?? join(root, 'out/bench.json'))
  await mkdir(dirname(file), { recursive: true })
  const report = { at: new Date().toISOString(), machine, figures, failures }
  await writeFile(file, `${JSON.stringify(report, null, 2)}\n`)
  const missed = figures.filter(figure => figure.met === false).length
  const kept = figures.filter(figure => figure.met === true).length
  console.log(`\n${figures.length} figures in ${file}: ${kept} budgets met, ${missed} missed`)
  const failed = Object.keys(failures)
  if (failed.length > 0) console.error(`not measured: ${failed.join(', ')}`)
  if (figures.some(figure => figure.busy !== undefined)) {
    console.log('* Others kept the processors busy just before or after: times are pessimistic.')
  }
  if (stop.signal.aborted) return 130
  return failed.length === 0 ? 0 : 1
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 2
}
