/** Kernel modules: which are there, which are loaded, and what forbids one. */
import type { Machine } from '../machine.ts'

export interface Blacklisting {
  readonly module: string
  /** The file, or `the kernel command line`. */
  readonly where: string
}

const same = (name: string) => name.replaceAll('-', '_')

/** Loaded, or part of the kernel: both have a folder there. */
export const isLoaded = async ({ files }: Machine, module: string): Promise<boolean> =>
  (await files.stat(`/sys/module/${same(module)}`)) !== undefined

export const parameterOf = async ({ files }: Machine, module: string, name: string): Promise<string | undefined> =>
  (await files.read(`/sys/module/${same(module)}/parameters/${name}`))?.trim()

/** Is there a file for it below this folder of the running kernel's modules? */
export const hasModuleFile = async ({ files, kernel }: Machine, folder: string, module: string): Promise<boolean> => {
  const names = await files.list(`/lib/modules/${kernel}/${folder}`)
  return names.some(name => same(name.replace(/\.ko(\.(xz|zst|gz))?$/, '')) === same(module) && name.includes('.ko'))
}

export const isBuiltIn = async ({ files, kernel }: Machine, module: string): Promise<boolean> => {
  const text = (await files.read(`/lib/modules/${kernel}/modules.builtin`)) ?? ''
  return text.split('\n').some(line => same(line.slice(line.lastIndexOf('/') + 1)) === `${same(module)}.ko`)
}

const forbids = (text: string, modules: readonly string[]): string | undefined => {
  for (const line of text.split('\n')) {
    const [word, module = '', command = ''] = line.trim().split(/\s+/)
    const name = modules.find(one => same(one) === same(module))
    if (name === undefined) continue
    if (word === 'blacklist' || (word === 'install' && /(^|\/)(true|false)$/.test(command))) return name
  }
  return undefined
}

const FOLDERS = [
  '/etc/modprobe.d',
  '/run/modprobe.d',
  '/usr/local/lib/modprobe.d',
  '/usr/lib/modprobe.d',
  '/lib/modprobe.d',
]

/** What keeps one of these modules from being loaded by itself; null when nothing does. */
export const blacklisting = async (machine: Machine, modules: readonly string[]): Promise<Blacklisting | null> => {
  const { files } = machine
  const line = (await files.read('/proc/cmdline')) ?? ''
  for (const [, list] of line.matchAll(/(?:module_blacklist|modprobe\.blacklist)=(\S+)/g)) {
    const module = modules.find(one => list?.split(',').some(name => same(name) === same(one)))
    if (module) return { module, where: 'the kernel command line' }
  }
  for (const folder of FOLDERS) {
    for (const name of [...(await files.list(folder))].filter(one => one.endsWith('.conf')).sort()) {
      const module = forbids((await files.read(`${folder}/${name}`)) ?? '', modules)
      if (module) return { module, where: `${folder}/${name}` }
    }
  }
  return null
}

/** Dotted versions compared by their numbers: `6.12.3-1-amd64` is at least `6.12`. */
export const atLeast = (version: string, wanted: string): boolean => {
  const numbers = (text: string) => (/^\d+(\.\d+)*/.exec(text)?.[0] ?? '').split('.').map(Number)
  const [have, want] = [numbers(version), numbers(wanted)]
  for (let at = 0; at < Math.max(have.length, want.length); at++) {
    const difference = (have[at] ?? 0) - (want[at] ?? 0)
    if (difference !== 0) return difference > 0
  }
  return true
}
