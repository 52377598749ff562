import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline/promises'
import { pathToFileURL } from 'node:url'
import { installNpmPackages } from './npm-packages.mjs'
import { diagnose } from './package-diagnosis.mjs'
import * as system from './system-packages.mjs'

/** Exit codes: all is there, failed, nobody allowed it, no package manager that we know. */
export const exits = { done: 0, failed: 1, notAllowed: 2, noManager: 3 }

const quoted = command => command.map(part => (/^[\w@%+=:,./-]+$/.test(part) ? part : `'${part}'`)).join(' ')

/** Runs a command, shows what it says and gives the exit code with all it said. */
const tee = command =>
  new Promise(resolve => {
    const child = spawn(command[0], command.slice(1), {
      stdio: ['inherit', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C' },
    })
    let output = ''
    const keep = target => chunk => {
      output = (output + chunk).slice(-20_000)
      target.write(chunk)
    }
    child.stdout.on('data', keep(process.stdout))
    child.stderr.on('data', keep(process.stderr))
    child.on('error', error => resolve({ code: 127, output: error.message }))
    child.on('close', code => resolve({ code: code ?? 1, output }))
  })

const askPerson = async () => {
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  try {
    return /^y(es)?$/i.test((await terminal.question('Install? [y/N] ')).trim())
  } catch (error) {
    // Ctrl+C or Ctrl+D at the question is a no.
    if (error.name === 'AbortError') return false
    throw error
  } finally {
    terminal.close()
  }
}

const elevation = root => {
  if (root) return []
  const program = ['sudo', 'pkexec', 'doas'].find(name => system.hasCommand(name))
  return program ? [program] : undefined
}

const allowed = async ({ root, yes }) => {
  const circumstances = { root, yes, terminal: process.stdin.isTTY, ci: Boolean(process.env.CI) }
  const verdict = system.consent(circumstances)
  if (verdict === 'refuse') {
    console.error('Nobody is at a terminal to ask. Run the commands above, or repeat this with --yes.')
    return false
  }
  return verdict === 'go' || askPerson()
}

const install = async commands => {
  for (const command of commands) {
    const { code, output } = await tee(command)
    if (code === 0) continue
    if (system.mayFail(command)) {
      console.error(`"${quoted(command)}" failed; going on with the index that is there.`)
      continue
    }
    console.error(`\n${diagnose(output)}`)
    return exits.failed
  }
  return exits.done
}

const explain = (needs, commands) => {
  console.log('Vireo needs from your system:')
  for (const need of needs) console.log(`  ${need.name}: ${need.why}`)
  console.log('These commands install it:')
  for (const command of commands) console.log(`  ${quoted(command)}`)
}

const setupSystem = async ({ profile, yes }) => {
  const needs = system.missingNeeds(profile)
  if (needs.length === 0) return exits.done
  const manager = system.findManager()
  if (!manager) {
    console.error(`No package manager that Vireo knows (${Object.keys(system.managers).join(', ')}). Install by hand:`)
    for (const need of needs) console.error(`  ${need.name}: ${need.why}`)
    return exits.noManager
  }
  const { packages, unmet } = system.packagesFor(needs, manager)
  for (const need of unmet) console.error(`${manager} has no ${need.name} (${need.why}); what needs it will say so.`)
  if (packages.length === 0) return exits.done
  const root = process.getuid?.() === 0
  const elevate = elevation(root)
  const commands = system.installCommands(manager, packages, elevate, system.beforehand(needs, manager))
  explain(needs, commands)
  if (!elevate) {
    console.error('Neither sudo nor pkexec is here. Run these commands as root, then try again.')
    return exits.notAllowed
  }
  if (!(await allowed({ root, yes }))) return exits.notAllowed
  return install(commands)
}

/**
 * Installs what is missing: system packages through the package manager, then npm packages. Says nothing and does nothing
 * when all is there. Gives one of `exits`.
 */
export const setup = async ({ profile = 'app', yes = false } = {}) => {
  const code = await setupSystem({ profile, yes })
  if (code !== exits.done) return code
  return (await installNpmPackages()) === 0 ? exits.done : exits.failed
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const args = process.argv.slice(2)
  process.exitCode = await setup({ profile: args.includes('--test') ? 'test' : 'app', yes: args.includes('--yes') })
}
