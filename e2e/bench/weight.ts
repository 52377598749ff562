/** What a browser must fetch before the first paint. */
import { readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { atMost, single, type Figure, type Label } from './report.ts'

const pageFolder = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'out/renderer')

/** Scripts and preloads that the page names, and its style sheets. */
export const pageLinks = (html: string): { readonly scripts: string[]; readonly styles: string[] } => {
  const tags = [...html.matchAll(/<(script|link)\b[^>]*>/g)].map(([tag]) => tag)
  const attribute = (tag: string, name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1]
  const scripts = tags.filter(tag => tag.startsWith('<script') || attribute(tag, 'rel') === 'modulepreload')
  const styles = tags.filter(tag => attribute(tag, 'rel') === 'stylesheet')
  const addresses = (found: string[]) => found.map(tag => attribute(tag, 'src') ?? attribute(tag, 'href') ?? '')
  return { scripts: addresses(scripts).filter(Boolean), styles: addresses(styles).filter(Boolean) }
}

/** What a module imports statically; `import(...)` waits until it is needed. */
export const staticImports = (code: string): string[] => {
  const statement = /(?:^|[;}\n])\s*(?:import|export)\s*(?:[\w$*{}\s,"'-]*?from\s*)?["'](\.[^"']+)["']/g
  return [...code.matchAll(statement)].map(match => match[1] ?? '')
}

/** All modules of the initial graph with their texts. */
const initialModules = async (html: string): Promise<ReadonlyMap<string, Buffer>> => {
  const modules = new Map<string, Buffer>()
  const waiting = pageLinks(html).scripts.map(link => resolve(pageFolder, link))
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (modules.has(file)) continue
    const text = await readFile(file)
    modules.set(file, text)
    waiting.push(...staticImports(text.toString()).map(link => resolve(dirname(file ?? ''), link)))
  }
  return modules
}

const sum = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, 0) / 1000

/** Reads the built page: kB are 1,000 bytes, and every file is compressed by itself, as a server would. */
export const weightSuite = async (): Promise<Figure[]> => {
  const html = await readFile(join(pageFolder, 'index.html'), 'utf8')
  const modules = [...(await initialModules(html)).values()]
  const styles = await Promise.all(pageLinks(html).styles.map(async link => readFile(resolve(pageFolder, link))))
  const label = (what: string, who: string): Label => ({ suite: 'weight', what, who, unit: 'kB' })
  const budget = atMost(300, 'kB')
  const packed = (files: readonly Buffer[], pack: (file: Buffer) => Buffer) => sum(files.map(file => pack(file).length))
  return [
    single({ ...label('initial modules', 'files'), unit: 'count' }, modules.length),
    single(label('initial JavaScript', 'as it is'), sum(modules.map(file => file.length))),
    single(label('initial JavaScript', 'gzip'), packed(modules, gzipSync), budget),
    single(label('initial JavaScript', 'brotli'), packed(modules, brotliCompressSync), budget),
    single(label('style sheets', 'gzip'), packed(styles, gzipSync)),
  ]
}
