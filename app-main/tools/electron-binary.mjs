import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { nodeProgram, root } from './paths.mjs'

const DAY_MS = 24 * 60 * 60 * 1000
/** How long no byte may arrive; tests are less patient. */
const STALL_MS = Number(process.env.VIREO_STALL_MS) || 20_000

const folder = join(root, 'node_modules/electron')

const read = path => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

const version = () => {
  const text = read(join(folder, 'package.json'))
  return text === undefined ? undefined : JSON.parse(text).version
}

/** The path of Electron's program, there or not. */
export const electronProgram = join(folder, 'dist/electron')

const cacheFile = () => join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'vireo', 'electron-download.json')

const isHere = () =>
  read(join(folder, 'dist/version'))?.trim().replace(/^v/, '') === version() && existsSync(electronProgram)

/** A failure of the last day, so that a second start does not wait again. */
const rememberedFailure = () => {
  try {
    const failure = JSON.parse(read(cacheFile()) ?? 'null')
    const fresh = failure?.version === version() && Date.now() - failure.at < DAY_MS && Date.now() >= failure.at
    return fresh ? String(failure.why) : undefined
  } catch {
    return undefined
  }
}

const remember = why => {
  try {
    mkdirSync(dirname(cacheFile()), { recursive: true })
    writeFileSync(cacheFile(), JSON.stringify({ version: version(), at: Date.now(), why }))
  } catch (error) {
    console.error(`The next start will try again: ${error.message}`)
  }
}

/** `{ state, why? }` as chooseShell wants it. `again`: forget that a download failed lately. */
export const electronState = ({ again }) => {
  if (version() === undefined) return { state: 'failed', why: 'its npm package is not installed' }
  if (isHere()) return { state: 'here' }
  const why = again ? undefined : rememberedFailure()
  return why === undefined ? { state: 'absent' } : { state: 'failed', why: `${why}, tried within the last day` }
}

const sizeOf = path => {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (!stat) return 0
  if (!stat.isDirectory()) return stat.size
  try {
    return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0)
  } catch {
    // A folder that went away between two looks.
    return 0
  }
}

const progress = () => {
  let shown = 0
  return bytes => {
    const megabytes = Math.floor(bytes / 1_000_000)
    if (process.stdout.isTTY) process.stdout.write(`\rDownloading Electron: ${megabytes} MB `)
    else if (megabytes >= shown + 20) console.log(`Downloading Electron: ${(shown = megabytes)} MB`)
  }
}

/**
 * Runs Electron's own installer and watches its bytes arrive: in the folder for temporary files while it downloads, in
 * `dist` while it unpacks. Gives undefined, or why it failed.
 */
const install = temporary =>
  new Promise(resolve => {
    const child = spawn(nodeProgram(), [join(folder, 'install.js')], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, TMPDIR: temporary },
    })
    let said = ''
    let arrived = 0
    let last = Date.now()
    const show = progress()
    child.stderr.on('data', chunk => (said = (said + chunk).slice(-4000)))
    const timer = setInterval(() => {
      const now = sizeOf(temporary) + sizeOf(join(folder, 'dist'))
      if (now !== arrived) {
        arrived = now
        last = Date.now()
        show(now)
      } else if (Date.now() - last > STALL_MS) {
        done(`no byte arrived for ${STALL_MS / 1000} s`)
      }
    }, 500)
    const done = why => {
      clearInterval(timer)
      child.kill('SIGKILL')
      if (process.stdout.isTTY && arrived > 0) process.stdout.write('\n')
      resolve(why)
    }
    child.on('error', error => done(error.message))
    child.on('close', code => {
      if (code === 0) return done(undefined)
      const line =
        said
          .split('\n')
          .find(text => /error/i.test(text))
          ?.trim() ?? `its installer ended with code ${code}`
      done(line.replace(/^(\w*Error): /, '').slice(0, 160))
    })
  })

/** Downloads Electron's program, showing progress; gives the state afterwards. */
export const downloadElectron = async () => {
  console.log('Electron is not here yet; downloading it (about 120 MB).')
  const temporary = mkdtempSync(join(tmpdir(), 'vireo-electron-'))
  const stop = () => process.exit(130)
  process.once('SIGINT', stop)
  try {
    const why = await install(temporary)
    if (why === undefined && isHere()) return { state: 'here' }
    const reason = why ?? 'its installer left nothing behind'
    remember(reason)
    return { state: 'failed', why: reason }
  } finally {
    process.off('SIGINT', stop)
    rmSync(temporary, { recursive: true, force: true })
  }
}
