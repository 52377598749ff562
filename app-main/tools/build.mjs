import { copyFileSync, existsSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { node24, nodeMajor, root } from './paths.mjs'
import { runThrough } from './spawn.mjs'

const banner = {
  // Bundled CommonJS packages call require, which ES modules lack.
  js: "import { createRequire as vireoRequire } from 'node:module'; const require = vireoRequire(import.meta.url);",
}

/** node-pty looks for its prebuilt binary among npm's packages; out/ has a copy of its own, which is packed with it. */
const ptyBinary = {
  name: 'pty-binary',
  setup: ({ onLoad }) =>
    onLoad({ filter: /@lydell\/node-pty\/requireBinary\.js$/ }, () => ({
      contents:
        'const at = `./${process.platform}-${process.arch}/`\nexports.requireBinary = file => require(at + file)',
      loader: 'js',
    })),
}

const esm = {
  ...{ bundle: true, platform: 'node', target: 'node24', format: 'esm', sourcemap: true, banner },
  plugins: [ptyBinary],
}

/** The binaries that npm chose for this computer. */
const copyPtyBinaries = () => {
  const packages = join(root, 'node_modules/@lydell')
  for (const name of existsSync(packages) ? readdirSync(packages) : []) {
    const [, target] = /^node-pty-(\w+-\w+)$/.exec(name) ?? []
    if (target === undefined) continue
    const folder = join(root, 'out/main', target)
    mkdirSync(folder, { recursive: true })
    copyFileSync(join(packages, name, 'pty.node'), join(folder, 'pty.node'))
  }
}

/** What the command line, Electron's main process and its preload script are bundled from and to. */
export const bundles = [
  { ...esm, entryPoints: ['app-main/src/cli.ts'], outfile: 'out/main/cli.js' },
  { ...esm, entryPoints: ['app-main/src/main.ts'], outfile: 'out/main/main.js', external: ['electron'] },
  {
    ...{ bundle: true, platform: 'node', target: 'node24', format: 'cjs', external: ['electron'] },
    ...{ entryPoints: ['app-main/src/preload/preload.ts'], outfile: 'out/preload/preload.cjs' },
  },
]

const sources = [
  'app-main/src',
  'app-renderer',
  'guest-agent-bridge/src',
  'assets',
  'package-lock.json',
  'app-main/tools/build.mjs',
]

const stamp = join(root, 'out/.built')

const newest = path => {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (!stat) return 0
  if (!stat.isDirectory()) return stat.mtimeMs
  const inside = readdirSync(path, { withFileTypes: true }).filter(entry => !entry.name.includes('.test.'))
  // A folder's own time tells of files that were removed.
  return Math.max(stat.mtimeMs, ...inside.map(entry => newest(join(path, entry.name))))
}

/** Has any source changed since the last complete build? */
export const isStale = () => {
  const built = statSync(stamp, { throwIfNoEntry: false })
  const outputs = [...bundles.map(bundle => bundle.outfile), 'out/renderer/index.html']
  if (!built || !outputs.every(file => existsSync(join(root, file)))) return true
  return sources.some(source => newest(join(root, source)) > built.mtimeMs)
}

const step = async (name, work) => {
  try {
    await work()
    return true
  } catch (error) {
    console.error(`build: ${name} failed: ${error instanceof Error ? error.message : String(error)}`)
    return false
  }
}

/** Builds everything into out/ and says whether all of it worked. */
export const build = async () => {
  const begun = new Date()
  const { build: bundle } = await import('esbuild')
  const bundled = bundles.map(options =>
    step(options.outfile, () => bundle({ ...options, absWorkingDir: root, logLevel: 'error' })),
  )
  const renderer = step('out/renderer', async () => {
    const { build: vite } = await import('vite')
    await vite({ root: join(root, 'app-renderer'), logLevel: 'warn' })
  })
  const results = await Promise.all([...bundled, renderer, step('out/main/*/pty.node', copyPtyBinaries)])
  if (!results.every(Boolean)) return false
  mkdirSync(join(root, 'out'), { recursive: true })
  writeFileSync(stamp, '')
  // A source saved while we built is newer than this.
  utimesSync(stamp, begun, begun)
  return true
}

const main = async args => {
  if (!args.includes('--force') && !isStale()) return 0
  if (nodeMajor < 22 && existsSync(node24)) {
    return runThrough(node24, [join(root, 'app-main/tools/build.mjs'), ...args])
  }
  return (await build()) ? 0 : 1
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) process.exitCode = await main(process.argv.slice(2))
