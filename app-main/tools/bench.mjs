import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { node24, nodeMajor, nodeProgram, root } from './paths.mjs'
import { exits, setup } from './setup.mjs'
import { runThrough } from './spawn.mjs'

const bench = async args => {
  const ready = await setup({ profile: 'bench', yes: args.includes('--yes') })
  if (ready !== exits.done) return ready
  if (nodeMajor < 24 && !existsSync(node24)) {
    console.error('The benchmarks need Node 24.')
    return exits.failed
  }
  const built = await runThrough(nodeProgram(), [join(root, 'app-main/tools/build.mjs')])
  // Some figures need no build; those that do say so.
  if (built !== 0) console.error('bench: the build failed; going on with what can be measured without it.')
  return runThrough(nodeProgram(), [join(root, 'e2e/bench/run.ts'), ...args.filter(arg => arg !== '--yes')])
}

process.exitCode = await bench(process.argv.slice(2))
