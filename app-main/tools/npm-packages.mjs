import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './paths.mjs'
import { runThrough } from './spawn.mjs'

const stamp = join(root, 'node_modules/.vireo-packages')
const lock = join(root, 'package-lock.json')

const fingerprint = () => createHash('sha256').update(readFileSync(lock)).update(process.arch).digest('hex')

const writeStamp = () => writeFileSync(stamp, fingerprint())

/** Does node_modules hold what package-lock.json says? */
export const npmPackagesFresh = () => {
  const installed = statSync(join(root, 'node_modules/.package-lock.json'), { throwIfNoEntry: false })
  if (!installed) return false
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint()) return true
  // Somebody ran npm by hand since the lockfile last changed.
  if (installed.mtimeMs < statSync(lock).mtimeMs) return false
  writeStamp()
  return true
}

/** Installs npm packages when they are not what the lockfile says; gives an exit code. */
export const installNpmPackages = async () => {
  if (npmPackagesFresh()) return 0
  // `npm ci` starts from an empty folder: right for a new clone, rude where packages are in use.
  const args = [
    existsSync(join(root, 'node_modules')) ? 'install' : 'ci',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ]
  // Warnings would be about the age of a Node that is about to be replaced.
  console.log(`Vireo needs its npm packages:\n  npm ${args.join(' ')}`)
  const code = await runThrough('npm', args)
  if (code === 0) writeStamp()
  else console.error('npm failed; what it said is above. Is the network there? Then try again.')
  return code
}
