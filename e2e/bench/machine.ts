/** What the figures were measured on: without it they say nothing. */
import { readFile } from 'node:fs/promises'
import { arch, cpus, release, totalmem } from 'node:os'
import { run } from '../fixture/run.ts'

export interface Machine {
  readonly processor: string
  readonly cores: number
  readonly memoryGiB: number
  readonly system: string
  readonly kernel: string
  /** Versions of the programs that take part; absent ones are not there. */
  readonly versions: Readonly<Record<string, string>>
  /** Load average of the minute before the first figure: above 0.5, others were at work too. */
  readonly load: number
}

const versionCommands: Readonly<Record<string, readonly [string, ...string[]]>> = {
  libvirt: ['libvirtd', '--version'],
  qemu: ['qemu-system-x86_64', '--version'],
  chromium: ['chromium', '--version'],
  python: ['/usr/bin/python3', '--version'],
}

const version = async ([command, ...args]: readonly [string, ...string[]]): Promise<string | undefined> => {
  try {
    return /\d+(\.\d+)+/.exec(await run(command, args))?.[0]
  } catch {
    return undefined
  }
}

export const describeMachine = async (): Promise<Machine> => {
  const versions: Record<string, string> = { node: process.versions.node }
  for (const [name, command] of Object.entries(versionCommands)) {
    const found = await version(command)
    if (found !== undefined) versions[name] = found
  }
  const system = await readFile('/etc/os-release', 'utf8').catch(() => '')
  const load = await readFile('/proc/loadavg', 'utf8')
  return {
    processor: cpus()[0]?.model ?? arch(),
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: /^PRETTY_NAME="?([^"\n]*)/m.exec(system)?.[1] ?? 'Linux',
    kernel: release(),
    versions,
    load: Number(load.split(' ')[0]),
  }
}
