/** `npm run bench`: measures, prints a table and writes JSON. A missed budget is a finding, not a failure. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { describeMachine } from './machine.ts'
import { table, type Figure } from './report.ts'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** Loaded when their turn comes: one that cannot be loaded does not keep the others from running. */
const suites: Readonly<Record<string, () => Promise<Figure[]>>> = {
  client: async () => (await import('./client.ts')).clientSuite(),
  'client-qemu': async () => (await import('./client.ts')).realClientSuite(),
  cold: async () => (await import('./cold.ts')).coldSuite(),
  page: async () => (await import('./page.ts')).pageSuite(),
  idle: async () => (await import('./idle.ts')).idleSuite(),
  serial: async () => (await import('./serial.ts')).serialSuite(),
  'serial-guest': async () => (await import('./serial-guest.ts')).guestSerialSuite(),
  terminal: async () => (await import('./terminal.ts')).terminalSuite(),
  vnc: async () => (await import('./vnc.ts')).vncSuite(),
  weight: async () => (await import('./weight.ts')).weightSuite(),
}

const usage = `npm run bench -- [--only ${Object.keys(suites).join('|')}]... [--json FILE]`

interface Outcome {
  readonly figures: readonly Figure[]
  /** Suites that could not be measured, and why. */
  readonly failures: Readonly<Record<string, string>>
}

const measure = async (chosen: readonly string[]): Promise<Outcome> => {
  const figures: Figure[] = []
  const failures: Record<string, string> = {}
  for (const name of chosen) {
    console.log(`\n== ${name}`)
    try {
      const found = (await suites[name]?.()) ?? []
      console.log(table(found))
      figures.push(...found)
    } catch (error) {
      failures[name] = error instanceof Error ? (error.stack ?? error.message) : String(error)
      console.error(`${name} could not be measured: ${failures[name]}`)
    }
  }
  return { figures, failures }
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
  const { figures, failures } = await measure(chosen)
  const file = resolve(values.json ?? join(root, 'out/bench.json'))
  await mkdir(dirname(file), { recursive: true })
  const report = { at: new Date().toISOString(), machine, figures, failures }
  await writeFile(file, `${JSON.stringify(report, null, 2)}\n`)
  const missed = figures.filter(figure => figure.met === false).length
  const kept = figures.filter(figure => figure.met === true).length
  console.log(`\n${figures.length} figures in ${file}: ${kept} budgets met, ${missed} missed`)
  return Object.keys(failures).length === 0 ? 0 : 1
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 2
}
