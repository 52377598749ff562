import { createHash } from 'node:crypto'
import { cpus, homedir } from 'node:os'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { capture } from './spawn.mjs'

/** QuickJS, the engine the agent is compiled with, by its release and checksum: wherever it comes from, it is this. */
export const quickjs = {
  version: '2025-04-26',
  archive: 'quickjs_2025.04.26.orig.tar.xz',
  sha256: 'ec81da5b3249ed648dbc7df4a1654988910e66a118d9b71cb63534216efcfbbe',
  folder: 'quickjs-2025.04.26',
}

const engine = ['quickjs', 'dtoa', 'libregexp', 'libunicode', 'cutils']

const flags = [
  ...['-Os', '-fwrapv', '-ffunction-sections', '-fdata-sections', '-fno-asynchronous-unwind-tables', '-w'],
  ...['-D_GNU_SOURCE', `-DCONFIG_VERSION="${quickjs.version}"`],
]

const cacheRoot = () => join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'vireo-build')

const must = async (command, args, options) => {
  const { code, output } = await capture(command, args, options)
  if (code !== 0) throw new Error(`${command} failed (${code}): ${output.trim().slice(-2000)}`)
  return output
}

/** Debian's pools: those that this machine's apt uses, then the public one. */
const mirrors = async () => {
  const { code, output } = await capture('apt-get', ['indextargets', '--format', '$(ORIGIN) $(REPO_URI)'])
  const own = code === 0 ? output.split('\n').filter(line => line.startsWith('Debian ')) : []
  const uris = own.map(line => line.slice('Debian '.length).trim().replace(/\/*$/, '/'))
  return [...new Set([...uris.filter(uri => /^https?:/.test(uri)), 'http://deb.debian.org/debian/'])]
}

const matches = file => createHash('sha256').update(readFileSync(file)).digest('hex') === quickjs.sha256

/** apt knows the proxies of this machine; where there is no apt, we fetch by ourselves. */
const download = async (uri, file) => {
  const helper = '/usr/lib/apt/apt-helper'
  if (existsSync(helper)) return must(helper, ['-q', 'download-file', uri, file, `SHA256:${quickjs.sha256}`])
  const response = await fetch(uri, { signal: AbortSignal.timeout(120_000) })
  if (!response.ok) throw new Error(`HTTP ${response.status}`)
  return writeFileSync(file, Buffer.from(await response.arrayBuffer()))
}

/** Gives the archive in the cache, fetched when it is not there. */
const archive = async () => {
  const file = join(cacheRoot(), quickjs.archive)
  if (existsSync(file) && matches(file)) return file
  const failures = []
  for (const mirror of await mirrors()) {
    const uri = `${mirror}pool/main/q/quickjs/${quickjs.archive}`
    const part = `${file}.${process.pid}`
    try {
      await download(uri, part)
      if (!matches(part)) throw new Error('another content than expected')
      renameSync(part, file)
      return file
    } catch (error) {
      failures.push(`${uri}: ${error instanceof Error ? error.message : String(error)}`)
    } finally {
      rmSync(part, { force: true })
    }
  }
  throw new Error(`QuickJS cannot be fetched; put ${quickjs.archive} into ${cacheRoot()}.\n${failures.join('\n')}`)
}

const inParallel = async (items, work) => {
  const queue = [...items]
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: cpus().length }, worker))
}

const compile = async (source, folder, cc, names) => {
  mkdirSync(folder, { recursive: true })
  await inParallel(names, name =>
    must(cc, [...flags, '-c', join(source, `${name}.c`), '-o', join(folder, `${name}.o`)]),
  )
  return names.map(name => join(folder, `${name}.o`))
}

const build = async (folder, { cc, hostCc }) => {
  await must('tar', ['-xJf', await archive(), '-C', folder])
  const source = join(folder, quickjs.folder)
  const host = [...engine, 'quickjs-libc', 'qjsc']
  const own = await compile(source, join(folder, 'host'), hostCc, host)
  await must(hostCc, [...own, '-o', join(folder, 'qjsc'), '-lm', '-ldl', '-lpthread'])
  if (cc !== hostCc) await compile(source, join(folder, 'target'), cc, engine)
}

/**
 * The engine for a processor: `compiler` turns JavaScript into C, `objects` are linked with that, `include` has the header.
 * Built once for each compiler, then cached outside the repository.
 */
export const quickjsFor = async ({ name, cc, hostCc }) => {
  const versions = await Promise.all([cc, hostCc].map(one => must(one, ['-dumpfullversion', '-dumpmachine'])))
  const recipe = [quickjs.sha256, ...flags, ...versions].join('\0')
  const root = cacheRoot()
  const folder = join(root, `quickjs-${name}-${createHash('sha256').update(recipe).digest('hex').slice(0, 16)}`)
  if (!existsSync(folder)) {
    const workshop = `${folder}.${process.pid}`
    mkdirSync(workshop, { recursive: true })
    try {
      await build(workshop, { cc, hostCc })
      renameSync(workshop, folder)
    } catch (error) {
      // Two builds at once: the first one to finish gives its folder to both.
      if (!existsSync(folder)) throw error
    } finally {
      rmSync(workshop, { recursive: true, force: true })
    }
  }
  const objects = join(folder, cc === hostCc ? 'host' : 'target')
  return {
    compiler: join(folder, 'qjsc'),
    include: join(folder, quickjs.folder),
    objects: engine.map(one => join(objects, `${one}.o`)),
  }
}
