/** Who holds the processor's virtualisation: only one hypervisor at a time may. */
import { atLeast, isLoaded } from './kernel-modules.ts'
import type { KvmModules } from '../kvm/modules.ts'
import type { Machine } from '../machine.ts'
import type { VirtualBoxFacts } from '../virtualbox/facts.ts'

/**
 * What VirtualBox meets. `held`: KVM took the processor when it was loaded (Linux 6.12 and newer). `option`: this
 * VirtualBox borrows it from KVM (7.2.10 on Linux 6.16), but an option keeps KVM from taking it. `while-running`: only
 * while a KVM machine runs.
 */
export type VirtualBoxConflict = 'none' | 'held' | 'option' | 'while-running'

export const virtualBoxConflict = (
  kernel: string,
  version: string | null,
  modules: Pick<KvmModules, 'loaded' | 'takesAtLoad' | 'names'>,
): VirtualBoxConflict => {
  // kvm_pvm does without the processor's help, so there is nothing to hold.
  const hardware = modules.loaded && (modules.names.includes('kvm_intel') || modules.names.includes('kvm_amd'))
  if (!hardware) return 'none'
  if (!atLeast(kernel, '6.12')) return 'while-running'
  const borrows = version !== null && atLeast(version, '7.2.10') && atLeast(kernel, '6.16')
  // Without the parameter in sight, the kernel's own default counts.
  const takes = modules.takesAtLoad ?? true
  if (borrows) return takes ? 'while-running' : 'option'
  return takes ? 'held' : 'while-running'
}

/** Who else uses the processor now, so that KVM machines may not start: a name for people, or null. */
export const holderAgainstKvm = async (machine: Machine, virtualBox: VirtualBoxFacts): Promise<string | null> => {
  if (virtualBox.busy) return 'VirtualBox'
  if (!(await isLoaded(machine, 'vmmon'))) return null
  const modules = (await machine.files.read('/proc/modules')) ?? ''
  const used = Number(
    modules
      .split('\n')
      .find(line => line.startsWith('vmmon '))
      ?.split(' ')[2] ?? '0',
  )
  return used > 0 ? 'VMware' : null
}
