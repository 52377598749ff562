/** Everything that is known about KVM here, before it is judged. */
import type { Accounts, Membership } from '../facts/accounts.ts'
import { membershipOf } from '../facts/accounts.ts'
import type { Services } from '../facts/services.ts'
import type { LibvirtFacts, Machine } from '../machine.ts'
import { readConfinement } from './confinement.ts'
import { readLibvirtDaemon, type LibvirtDaemon } from './daemon.ts'
import { readKvmDevice, type KvmDevice } from './device.ts'
import { readEmulators, type Emulator } from './emulators.ts'
import { readKvmModules, type KvmModules } from './modules.ts'
import { readProcessor, type Processor } from './processor.ts'
import { readTools, type KvmTools } from './tools.ts'

export interface KvmFacts {
  readonly processor: Processor
  readonly modules: KvmModules
  readonly device: KvmDevice
  readonly daemon: LibvirtDaemon
  readonly libvirt: LibvirtFacts
  readonly emulators: readonly Emulator[]
  readonly tools: KvmTools
  readonly confinement: string | null
  readonly groups: { readonly kvm: Membership; readonly libvirt: Membership }
}

export const readKvm = async (machine: Machine, accounts: Accounts, services: Services): Promise<KvmFacts> => {
  const processor = await readProcessor(machine)
  const native = processor.architecture
  const [modules, device, libvirt, emulators, tools, confinement] = await Promise.all([
    readKvmModules(machine, processor.vendor),
    readKvmDevice(machine, accounts),
    machine.libvirt(machine.patience),
    readEmulators(machine, native),
    readTools(machine, native),
    readConfinement(machine),
  ])
  return {
    ...{ processor, modules, device, libvirt, emulators, tools, confinement },
    daemon: await readLibvirtDaemon(machine, services, libvirt),
    groups: { kvm: membershipOf(accounts, machine, 'kvm'), libvirt: membershipOf(accounts, machine, 'libvirt') },
  }
}
