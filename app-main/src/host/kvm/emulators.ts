import type { Machine } from '../machine.ts'

export interface Emulator {
  readonly path: string
  /** For instance `x86_64`. */
  readonly architecture: string
}

const FOLDERS = ['/usr/bin', '/usr/local/bin'] as const
/** Where Red Hat's family keeps the only one it has. */
const KVM_PROGRAMS = ['/usr/libexec/qemu-kvm', '/usr/bin/qemu-kvm'] as const

/** Every system emulator, this computer's own architecture first. */
export const readEmulators = async ({ files }: Machine, native: string): Promise<readonly Emulator[]> => {
  const lists = await Promise.all(
    FOLDERS.map(async folder => (await files.list(folder)).map(name => ({ folder, name }))),
  )
  const found = lists.flat().flatMap(({ folder, name }): Emulator[] => {
    const architecture = /^qemu-system-([a-z0-9_]+)$/.exec(name)?.[1]
    return architecture ? [{ path: `${folder}/${name}`, architecture }] : []
  })
  for (const path of KVM_PROGRAMS) {
    const known = found.some(one => one.architecture === native)
    if (!known && (await files.stat(path))) found.push({ path, architecture: native })
  }
  const rank = ({ architecture }: Emulator) => (architecture === native ? 0 : 1)
  return found.sort((a, b) => rank(a) - rank(b) || a.architecture.localeCompare(b.architecture))
}
