import type { Machine } from '../machine.ts'

export interface Processor {
  readonly model: string
  readonly vendor: 'intel' | 'amd' | null
  /** The flag of hardware virtualisation that the kernel shows. */
  readonly flag: 'vmx' | 'svm' | null
  /** This computer is itself a virtual machine. */
  readonly inMachine: boolean
  readonly architecture: string
}

const VENDORS: Readonly<Record<string, Processor['vendor']>> = { GenuineIntel: 'intel', AuthenticAMD: 'amd' }

/** Only the first processor is read: mixed ones share these flags. */
export const parseCpuInfo = (text: string): Omit<Processor, 'architecture'> => {
  const first = text.split(/\n\s*\n/)[0] ?? ''
  const of = (key: string) => new RegExp(`^${key}\\s*:\\s*(.*)$`, 'm').exec(first)?.[1]?.trim()
  const flags = new Set((of('flags') ?? '').split(' '))
  return {
    model: of('model name') ?? 'Unknown processor',
    vendor: VENDORS[of('vendor_id') ?? ''] ?? null,
    flag: flags.has('vmx') ? 'vmx' : flags.has('svm') ? 'svm' : null,
    inMachine: flags.has('hypervisor'),
  }
}

export const readProcessor = async ({ files }: Machine): Promise<Processor> => ({
  ...parseCpuInfo((await files.read('/proc/cpuinfo')) ?? ''),
  architecture: process.arch === 'arm64' ? 'aarch64' : 'x86_64',
})

/** What the maker calls it. */
export const featureName = ({ vendor, flag }: Processor): string =>
  flag === 'vmx' || vendor === 'intel' ? 'VT-x' : flag === 'svm' || vendor === 'amd' ? 'AMD-V' : 'VT-x or AMD-V'
