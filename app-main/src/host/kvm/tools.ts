/** What machines can have besides a processor: firmware, a TPM, shared folders, a first-boot seed. */
import type { Machine } from '../machine.ts'

export interface KvmTools {
  /** Descriptions of firmware for this architecture, for instance `secure boot`. */
  readonly firmware: readonly string[]
  readonly swtpm: string | null
  readonly virtiofsd: string | null
  readonly seedTool: string | null
}

const FIRMWARE_FOLDERS = ['/usr/share/qemu/firmware', '/etc/qemu/firmware'] as const
/** Where firmware lies on distributions without descriptions of it. */
const FIRMWARE_FILES = [
  '/usr/share/OVMF/OVMF_CODE_4M.fd',
  '/usr/share/OVMF/OVMF_CODE.fd',
  '/usr/share/edk2/x64/OVMF_CODE.4m.fd',
  '/usr/share/AAVMF/AAVMF_CODE.fd',
  '/usr/share/qemu/ovmf-x86_64-code.bin',
] as const
const VIRTIOFSD = ['/usr/libexec/virtiofsd', '/usr/lib/qemu/virtiofsd', '/usr/lib/virtiofsd'] as const
const SEED_TOOLS = ['genisoimage', 'mkisofs', 'xorrisofs', 'xorriso', 'cloud-localds'] as const

interface Description {
  readonly architectures: readonly string[]
  readonly kind: string
}

/** QEMU's firmware descriptor; undefined when it is none, or no UEFI. */
export const parseFirmware = (text: string): Description | undefined => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const list = (key: string): unknown[] => {
    const found: unknown = (value as Readonly<Record<string, unknown>>)[key]
    return Array.isArray(found) ? found : []
  }
  if (!list('interface-types').includes('uefi')) return undefined
  const architectures = list('targets').flatMap(target =>
    typeof target === 'object' && target !== null && 'architecture' in target && typeof target.architecture === 'string'
      ? [target.architecture]
      : [],
  )
  const features = list('features')
  const kind = features.includes('enrolled-keys')
    ? 'secure boot with keys'
    : features.includes('secure-boot')
      ? 'secure boot'
      : 'plain'
  return { architectures, kind }
}

const readFirmware = async ({ files }: Machine, native: string): Promise<readonly string[]> => {
  const kinds = new Set<string>()
  for (const folder of FIRMWARE_FOLDERS)
    for (const name of (await files.list(folder)).filter(one => one.endsWith('.json'))) {
      const described = parseFirmware((await files.read(`${folder}/${name}`)) ?? '')
      if (described?.architectures.includes(native)) kinds.add(described.kind)
    }
  if (kinds.size > 0) return [...kinds].sort()
  const found = await Promise.all(FIRMWARE_FILES.map(path => files.stat(path)))
  return found.some(Boolean) ? ['plain'] : []
}

export const readTools = async (machine: Machine, native: string): Promise<KvmTools> => {
  const { commands, files } = machine
  const [firmware, swtpm, setup, virtiofsd, seeds] = await Promise.all([
    readFirmware(machine, native),
    commands.find('swtpm'),
    commands.find('swtpm_setup'),
    Promise.all(VIRTIOFSD.map(path => files.stat(path))),
    Promise.all(SEED_TOOLS.map(name => commands.find(name))),
  ])
  return {
    firmware,
    // libvirt needs both: one makes the state, the other serves it.
    swtpm: swtpm && setup ? swtpm : null,
    virtiofsd: VIRTIOFSD.find((_, at) => virtiofsd[at]) ?? (await commands.find('virtiofsd')) ?? null,
    seedTool: seeds.find(Boolean) ?? null,
  }
}
