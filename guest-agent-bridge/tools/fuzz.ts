/** Throws random input at every `*.fuzz.ts` for so many seconds each: `npm run fuzz -- [--seconds N] [--seed N] [name pattern]`. */
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { FuzzTarget } from '../src/host/testing/fuzz-target.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string' } },
})
const seconds = Number(values.seconds)
const seed = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed)
if (!(seconds > 0) || !Number.isInteger(seed)) {
  console.error('usage: npm run fuzz -- [--seconds N] [--seed N] [name pattern]')
  process.exit(2)
}

const folder = join(import.meta.dirname, '../src')
const pattern = new RegExp(positionals[0] ?? '', 'i')
let failed = 0
let ran = 0
for (const file of globSync('**/*.fuzz.ts', { cwd: folder }).sort()) {
  const { targets } = (await import(join(folder, file))) as { targets: readonly FuzzTarget[] }
  for (const target of targets.filter(({ name }) => pattern.test(`${file} ${name}`))) {
    ran++
    try {
      await target.run({ numRuns: 1_000_000_000, seed, interruptAfterTimeLimit: seconds * 1000 })
      console.log(`${file}: ${target.name}: held for ${seconds} s`)
    } catch (error) {
      failed++
      console.error(`${file}: ${target.name}: BROKEN\n${error instanceof Error ? error.message : String(error)}`)
    }
  }
}
console.log(`seed ${seed}, ${failed} broken of ${ran}`)
if (ran === 0) console.error('No target is named like that: nothing was fuzzed.')
process.exitCode = failed > 0 ? 1 : ran === 0 ? 2 : 0
