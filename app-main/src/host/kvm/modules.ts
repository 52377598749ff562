import {
  blacklisting,
  hasModuleFile,
  isBuiltIn,
  isLoaded,
  parameterOf,
  type Blacklisting,
} from '../facts/kernel-modules.ts'
import type { Machine } from '../machine.ts'

export interface KvmModules {
  /** The generic module and one of the processor's. */
  readonly loaded: boolean
  /** Those that are loaded, for instance `kvm` and `kvm_amd`. */
  readonly names: readonly string[]
  readonly available: boolean
  readonly builtIn: boolean
  readonly blacklisted: Blacklisting | null
  readonly nested: boolean
  /** Whether KVM takes the processor as soon as it is loaded (Linux 6.12); null where the kernel does not say. */
  readonly takesAtLoad: boolean | null
}

/** `kvm_pvm` needs no help of the processor: it is what some clouds run inside their machines. */
const VENDOR_MODULES = ['kvm_intel', 'kvm_amd', 'kvm_pvm'] as const
const on = (value: string | undefined) => value === 'Y' || value === '1'

export const readKvmModules = async (machine: Machine, vendor: 'intel' | 'amd' | null): Promise<KvmModules> => {
  const wanted = vendor === null ? 'kvm' : `kvm_${vendor}`
  const [loaded, builtIn, file, blocked, atLoad] = await Promise.all([
    Promise.all(['kvm', ...VENDOR_MODULES].map(name => isLoaded(machine, name))),
    isBuiltIn(machine, wanted),
    hasModuleFile(machine, 'kernel/arch/x86/kvm', wanted),
    blacklisting(machine, ['kvm', wanted]),
    parameterOf(machine, 'kvm', 'enable_virt_at_load'),
  ])
  const names = ['kvm', ...VENDOR_MODULES].filter((_, at) => loaded[at])
  const vendorModule = VENDOR_MODULES.find(name => names.includes(name))
  const nested = vendorModule ? await parameterOf(machine, vendorModule, 'nested') : undefined
  return {
    loaded: names.includes('kvm') && vendorModule !== undefined,
    names,
    available: names.includes('kvm') || builtIn || file,
    builtIn,
    blacklisted: blocked,
    nested: on(nested),
    takesAtLoad: atLoad === undefined ? null : on(atLoad),
  }
}
