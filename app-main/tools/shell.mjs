import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { chooseShell, explainChoice } from './choose-shell.mjs'
import { downloadElectron, electronProgram } from './electron-binary.mjs'
import { whyElectronEnded } from './electron-end.mjs'
import { root } from './paths.mjs'
import { runningAddress, startServer } from './server-process.mjs'
import { apparmorFix, browserProfile, lookAround } from './shell-facts.mjs'

/** A browser that ends sooner has handed its window over to one that already ran; Electron could not begin. */
const HANDED_OVER_MS = 5000

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']

const SHELLS = ['electron', 'browser', 'none']

const wantedShell = args => {
  const { values } = parseArgs({ args, options: { shell: { type: 'string' } } })
  if (values.shell !== undefined && !SHELLS.includes(values.shell))
    throw new Error(`--shell must be one of ${SHELLS.join(', ')}, not "${values.shell}".`)
  return values.shell
}

const decide = async wanted => {
  let facts = lookAround(wanted)
  let choice = chooseShell(facts)
  if (choice.download) {
    facts = { ...facts, electron: await downloadElectron() }
    choice = chooseShell(facts)
  }
  return { facts, choice }
}

/** Opens an app window; resolves when the person closed it, or gives false when nobody can tell. */
const appWindow = async (chromium, url) => {
  const profile = browserProfile(chromium)
  mkdirSync(profile, { recursive: true, mode: 0o700 })
  const args = [
    `--app=${url}`,
    `--user-data-dir=${profile}`,
    '--class=Vireo',
    '--no-first-run',
    '--no-default-browser-check',
  ]
  const begun = Date.now()
  const child = spawn(chromium, args, { stdio: 'ignore' })
  for (const signal of SIGNALS) process.on(signal, () => child.kill())
  const code = await Promise.race([
    once(child, 'exit').then(([status]) => status),
    once(child, 'error').then(([error]) => error.message),
  ])
  if (Date.now() - begun >= HANDED_OVER_MS) return true
  if (code !== 0) console.error(`${chromium} did not open a window (${code}). Open this address yourself:\n  ${url}`)
  return false
}

const open = (shell, facts, url) => {
  if (shell === 'chromium')
    return appWindow(facts.chromium, url).catch(error => {
      console.error(`No window could be opened (${error.message}). Open this address yourself:\n  ${url}`)
      return false
    })
  if (shell === 'default-browser') {
    const child = spawn(facts.opener, [url], { stdio: 'ignore', detached: true })
    child.on('error', error => console.error(`${facts.opener}: ${error.message}`))
    child.unref()
  }
  console.log(`This address opens Vireo once; "npm start" prints a fresh one:\n  ${url}`)
  return Promise.resolve(false)
}

/** The server's life: until the app window is closed, or a signal. */
const serveShell = async (shell, facts, reason) => {
  const server = await startServer(reason, shell !== 'none')
  if (server.error) {
    console.error(server.error)
    return 1
  }
  const exited = once(server.child, 'exit')
  const stop = () => server.child.kill('SIGTERM')
  for (const signal of SIGNALS) process.on(signal, stop)
  void open(shell, facts, server.url).then(closed => {
    if (closed) stop()
  })
  const [code] = await exited
  return code ?? 0
}

/** Runs Electron. Ends as it ended, or gives `{ why }` when it could not even begin: a library that is missing, a sandbox refused. */
const runElectron = async () => {
  const begun = Date.now()
  const child = spawn(electronProgram, [join(root, 'out/main/main.js')], {
    cwd: root,
    stdio: ['inherit', 'inherit', 'pipe'],
  })
  let said = ''
  let told = false
  child.stderr.on('data', chunk => {
    said = (said + chunk).slice(-8000)
    process.stderr.write(chunk)
  })
  for (const signal of SIGNALS)
    process.on(signal, () => {
      told = true
      child.kill(signal)
    })
  child.on('error', error => (said = `error: ${error.message}`))
  // Its last words may arrive after its end; somebody it started may keep the pipe open for hours.
  // What cannot be started never exits: it has an error instead.
  const [code, signal] = await once(child, 'exit').catch(() => [127, null])
  await Promise.race([once(child.stderr, 'close'), new Promise(resolve => setTimeout(resolve, 200))])
  if (code === 0 || told || Date.now() - begun >= HANDED_OVER_MS) return { code: code ?? 143 }
  return { why: whyElectronEnded(code, signal, said) }
}

const openShell = async (facts, choice) => {
  const running = await runningAddress(choice.shell !== 'none')
  if (!running) return serveShell(choice.shell, facts, choice.reasons.join('; '))
  await open(choice.shell, facts, running)
  return 0
}

const main = async args => {
  const wanted = wantedShell(args)
  const { facts, choice } = await decide(wanted)
  if (choice.error) {
    console.error(choice.error)
    if (facts.sandbox?.includes('AppArmor')) console.error(apparmorFix())
    return 1
  }
  console.log(explainChoice(choice))
  if (facts.sandbox?.includes('AppArmor') && choice.shell !== 'electron' && !wanted) console.log(apparmorFix())
  if (choice.shell !== 'electron') return openShell(facts, choice)
  const electron = await runElectron()
  if (electron.code !== undefined) return electron.code
  if (wanted) return 1
  const next = chooseShell({ ...facts, electron: { state: 'broken', why: electron.why } })
  console.log(explainChoice(next))
  return openShell(facts, next)
}

const code = await main(process.argv.slice(2)).catch(error => {
  console.error(error instanceof Error ? error.message : String(error))
  return 1
})
// A window whose server has ended says so itself; nobody has to wait for it to be closed.
process.exit(code)
