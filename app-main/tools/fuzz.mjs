import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { node24, nodeMajor, nodeProgram, root } from './paths.mjs'
import { exits, setup } from './setup.mjs'
import { runThrough } from './spawn.mjs'

const fuzz = async args => {
  const ready = await setup({ profile: 'test', yes: args.includes('--yes') })
  if (ready !== exits.done) return ready
  if (nodeMajor < 24 && !existsSync(node24)) {
    console.error('Fuzzing needs Node 24.')
    return exits.failed
  }
  return runThrough(nodeProgram(), [
    join(root, 'guest-agent-bridge/tools/fuzz.ts'),
    ...args.filter(arg => arg !== '--yes'),
  ])
}

process.exitCode = await fuzz(process.argv.slice(2))
