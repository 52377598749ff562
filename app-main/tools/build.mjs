import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
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

/** zod brings its messages in fifty languages, of which it uses English unless told. */
const zodLocales = {
  name: 'zod-locales',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\/zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js'",
      loader: 'js',
    })),
}

/** An import of them as modules reads everything that they export, and so loads a WebSocket and a fetch that nobody uses. */
const requiredHttp = {
  name: 'required-http',
  setup: ({ onResolve, onLoad }) => {
    const http = /^node:https?$/
    onResolve({ filter: http }, ({ kind, path }) =>
      kind === 'import-statement' ? { path, namespace: 'required' } : undefined,
    )
    onLoad({ filter: http, namespace: 'required' }, ({ path }) => ({
      contents: `module.exports = require('${path}')`,
      loader: 'js',
    }))
  },
}

/** Of a CommonJS package that is imported late, pieces have nothing but its default export: no name of it would be there. */
const lateImports = {
  name: 'late-imports',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^[@a-z]/ }, ({ kind, path, importer }) =>
      kind === 'dynamic-import' && !path.startsWith('node:') && !importer.includes('/node_modules/')
        ? { errors: [{ text: `Import “${path}” from a module of ours, and that one late.` }] }
        : undefined,
    ),
}

/** How everything that runs in Node is bundled. */
export const esm = {
  ...{ bundle: true, platform: 'node', target: 'node24', format: 'esm', sourcemap: true, banner },
  plugins: [lateImports, ptyBinary, zodLocales, requiredHttp],
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
  // Each command loads what it needs: cli.js is a few lines, and its pieces lie beside it.
  {
    ...{ ...esm, entryPoints: ['app-main/src/cli.ts'], outdir: 'out/main', splitting: true, metafile: true },
    chunkNames: 'cli-[name]-[hash]',
  },
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
  const outputs = ['out/main/cli.js', 'out/main/main.js', 'out/preload/preload.cjs', 'out/renderer/index.html']
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

/** Pieces of earlier builds, which nothing loads any more: those written before `time`, milliseconds. */
export const removeOldPieces = ({ metafile }, time = Infinity) => {
  if (!metafile) return
  const made = new Set(Object.keys(metafile.outputs).map(file => basename(file)))
  const folder = join(root, 'out/main')
  for (const name of readdirSync(folder)) {
    if (!/^cli-.*\.js(\.map)?$/.test(name) || made.has(name)) continue
    const path = join(folder, name)
    if (statSync(path).mtimeMs < time) rmSync(path)
  }
}

/** Builds everything into out/ and says whether all of it worked. */
export const build = async () => {
  const begun = new Date()
  // A server that was started from the last build may still want pieces of it.
  const last = statSync(stamp, { throwIfNoEntry: false })?.mtimeMs
  const { build: bundle } = await import('esbuild')
  const bundled = bundles.map(options =>
    step(options.outfile ?? options.outdir, async () =>
      removeOldPieces(await bundle({ ...options, absWorkingDir: root, logLevel: 'error' }), last),
    ),
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
