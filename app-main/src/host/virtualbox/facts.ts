import { hasModuleFile, isLoaded } from '../facts/kernel-modules.ts'
import type { Machine } from '../machine.ts'

export interface VirtualBoxFacts {
  readonly installed: boolean
  readonly program: string | null
  /** Of the loaded module; `VBoxManage` says it otherwise, later. */
  readonly version: string | null
  readonly moduleLoaded: boolean
  readonly moduleAvailable: boolean
  /** Version of the extension pack, null without one. */
  readonly extensionPack: string | null
  /** A VirtualBox machine seems to run. */
  readonly busy: boolean
}

const PACK_FOLDERS = ['Oracle_VirtualBox_Extension_Pack', 'Oracle_VM_VirtualBox_Extension_Pack'].flatMap(name => [
  `/usr/lib/virtualbox/ExtensionPacks/${name}`,
  `/opt/VirtualBox/ExtensionPacks/${name}`,
])
/** Where modules lie that the kernel's own packages do not bring. */
const MODULE_FOLDERS = [
  'misc',
  'updates',
  'updates/dkms',
  'extra',
  'extra/VirtualBox',
  'weak-updates',
  'kernel/misc',
] as const

/** Users of a module, and how many other modules are among them; the difference are programs. */
const programsUsing = (modules: string, name: string): number => {
  const line = modules.split('\n').find(one => one.startsWith(`${name} `))
  const [, , count = '0', holders = '-'] = line?.split(' ') ?? []
  const names = holders.split(',').filter(one => one !== '' && one !== '-')
  return Math.max(0, Number(count) - names.length)
}

export const readVirtualBox = async (machine: Machine): Promise<VirtualBoxFacts> => {
  const { commands, files } = machine
  const program = (await commands.find('VBoxManage')) ?? (await commands.find('vboxmanage')) ?? null
  const [loaded, version, available, packs, modules] = await Promise.all([
    isLoaded(machine, 'vboxdrv'),
    files.read('/sys/module/vboxdrv/version'),
    Promise.all(MODULE_FOLDERS.map(folder => hasModuleFile(machine, folder, 'vboxdrv'))),
    Promise.all(PACK_FOLDERS.map(folder => files.read(`${folder}/ExtPack.xml`))),
    files.read('/proc/modules'),
  ])
  const pack = packs.find(Boolean)
  return {
    installed: program !== null,
    program,
    // Followed by the revision of its interface: `7.0.20_Debian r163906 (0x00320000)`.
    version: version ? (/^\d+(\.\d+)+/.exec(version)?.[0] ?? null) : null,
    moduleLoaded: loaded,
    moduleAvailable: loaded || available.some(Boolean),
    extensionPack: pack ? (/<Version[^>]*>([^<]{1,40})</.exec(pack)?.[1] ?? 'unknown') : null,
    busy: programsUsing(modules ?? '', 'vboxdrv') > 0,
  }
}
