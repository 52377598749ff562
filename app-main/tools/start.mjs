import { join } from 'node:path'
import { nodeProgram, root } from './paths.mjs'
import { exits, setup } from './setup.mjs'
import { runThrough } from './spawn.mjs'

const tool = name => join(root, 'app-main/tools', name)

const start = async args => {
  const ready = await setup({ yes: args.includes('--yes') })
  if (ready === exits.failed) return ready
  // Without a VM host on this machine Vireo still opens, says what is missing and looks after other hosts.
  if (ready !== exits.done && (await setup({ profile: 'none' })) !== exits.done) return exits.failed
  const built = await runThrough(nodeProgram(), [tool('build.mjs')])
  if (built !== 0) return built
  return runThrough(nodeProgram(), [tool('shell.mjs'), ...args.filter(arg => arg !== '--yes')])
}

process.exitCode = await start(process.argv.slice(2))
