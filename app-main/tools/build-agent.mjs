import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { root } from './paths.mjs'
import { quickjsFor } from './quickjs.mjs'
import { hasCommand } from './system-packages.mjs'
import { capture } from './spawn.mjs'

const guest = join(root, 'guest-agent-bridge/src/guest')
const sources = ['vireo-sys.c', 'vireo-main.c'].map(name => join(guest, name))
const layout = join(guest, 'vireo-layout.ld')
const tools = ['build-agent.mjs', 'quickjs.mjs'].map(name => join(root, 'app-main/tools', name))

/** Processors the agent is built for: its C compiler here, and what to install when that is missing. */
const targets = {
  x64: { cross: 'x86_64-linux-gnu-gcc', packages: 'gcc-x86-64-linux-gnu libc6-dev-amd64-cross' },
  arm64: { cross: 'aarch64-linux-gnu-gcc', packages: 'gcc-aarch64-linux-gnu libc6-dev-arm64-cross' },
}

/** The compilers for a processor: our own `gcc`, or a cross compiler. Throws what to install. */
export const compilersFor = (name, on = { arch: process.arch, hasCommand }) => {
  const target = targets[name]
  if (!target) throw new Error(`no agent for "${name}": there are ${Object.keys(targets).join(', ')}`)
  if (!on.hasCommand('gcc')) throw new Error('the agent is compiled with gcc; install gcc and libc6-dev')
  if (name === on.arch) return { name, cc: 'gcc', hostCc: 'gcc' }
  if (on.hasCommand(target.cross)) return { name, cc: target.cross, hostCc: 'gcc' }
  throw new Error(`for ${name} the cross compiler ${target.cross} is missing; on Debian: ${target.packages}`)
}

/**
 * valibot gives every schema an interface for other libraries. Nobody asks for it in the agent, and a few hundred objects less are a tenth of
 * its memory.
 */
const leanSchemas = {
  name: 'lean-schemas',
  setup(builder) {
    builder.onLoad({ filter: /[\\/]valibot[\\/]dist[\\/]index\.m?js$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8')
      const lean = text.replace(
        /function _standardSchema\(schema\) \{[^]*?\n\}/,
        'function _standardSchema(schema) { return schema }',
      )
      if (lean === text) throw new Error('valibot has no _standardSchema any more')
      return { contents: lean, loader: 'js' }
    })
  },
}

/** The agent's JavaScript: one script without imports. */
const bundle = async version => {
  const { build } = await import('esbuild')
  const result = await build({
    entryPoints: [join(guest, 'main.ts')],
    ...{ bundle: true, write: false, format: 'iife', platform: 'neutral', target: 'es2023', minify: true },
    ...{ mainFields: ['module', 'main'], absWorkingDir: root, logLevel: 'error' },
    define: { AGENT_VERSION: JSON.stringify(version) },
    plugins: [leanSchemas],
  })
  return result.outputFiles[0].text
}

const link = [
  ...[
    '-Os',
    '-fwrapv',
    '-ffunction-sections',
    '-fdata-sections',
    '-fno-asynchronous-unwind-tables',
    '-Wall',
    '-Werror',
  ],
  ...['-static', '-Wl,--gc-sections', '-Wl,-s', '-Wl,-z,noseparate-code', '-Wl,--build-id=none'],
]

const must = async (command, args) => {
  const { code, output } = await capture(command, args)
  if (code !== 0) throw new Error(`${command} failed (${code}): ${output.trim().slice(-2000)}`)
}

const compile = async (script, compilers, output) => {
  const engine = await quickjsFor(compilers)
  const folder = mkdtempSync(join(tmpdir(), 'vireo-agent-'))
  try {
    const [js, c, binary] = ['agent.js', 'agent.c', 'agent'].map(name => join(folder, name))
    writeFileSync(js, script)
    await must(engine.compiler, ['-c', '-s', '-N', 'vireo_agent', '-o', c, js])
    const inputs = [...sources, c, ...engine.objects]
    await must(compilers.cc, [...link, `-Wl,-T,${layout}`, `-I${engine.include}`, ...inputs, '-o', binary, '-lm'])
    chmodSync(binary, 0o755)
    // In one step, and as a new file: the old one may be running.
    const fresh = `${output}.${process.pid}`
    writeFileSync(fresh, readFileSync(binary), { mode: 0o755 })
    renameSync(fresh, output)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What starts the agent in a guest lies beside it, so that Vireo can bring both. */
const copyPackaging = folder => {
  const packaging = join(root, 'guest-agent-bridge/packaging')
  for (const name of ['vireo-agent.service', 'vireo-agent.openrc', 'config.json']) {
    writeFileSync(join(folder, name), readFileSync(join(packaging, name)))
  }
}

/** Builds the agent for a processor into `out/agent` unless it stands there already; gives its path. */
export const buildAgent = async ({ name = process.arch, force = false } = {}) => {
  const compilers = compilersFor(name)
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const script = await bundle(version)
  const inputs = [script, ...link, ...[...sources, layout, ...tools].map(file => readFileSync(file, 'utf8'))]
  const key = createHash('sha256').update(inputs.join('\0')).digest('hex')
  const folder = join(root, 'out/agent')
  const output = join(folder, `vireo-agent-linux-${name}`)
  const stamp = join(folder, `.built-${name}`)
  mkdirSync(folder, { recursive: true })
  copyPackaging(folder)
  if (!force && existsSync(output) && existsSync(stamp) && readFileSync(stamp, 'utf8') === key) return output
  await compile(script, compilers, output)
  writeFileSync(stamp, key)
  return output
}

const main = async args => {
  const { values } = parseArgs({ args, options: { arch: { type: 'string' }, force: { type: 'boolean' } } })
  console.log(await buildAgent({ name: values.arch ?? process.arch, force: values.force ?? false }))
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    await main(process.argv.slice(2))
  } catch (error) {
    console.error(`build:agent: ${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = 1
  }
}
