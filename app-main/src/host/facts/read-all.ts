import { DOCKER_UNITS, readDocker } from '../docker/facts.ts'
import { KVM_UNITS } from '../kvm/daemon.ts'
import { readKvm, type KvmFacts } from '../kvm/facts.ts'
import { LXD_UNITS, readLxd, type LxdFacts } from '../lxd/facts.ts'
import type { Machine } from '../machine.ts'
import { PODMAN_UNITS, readPodman } from '../podman/facts.ts'
import { readVirtualBox, type VirtualBoxFacts } from '../virtualbox/facts.ts'
import { readAccounts } from './accounts.ts'
import { holderAgainstKvm, virtualBoxConflict, type VirtualBoxConflict } from './conflict.ts'
import { readDistribution, type Distribution } from './distribution.ts'
import type { EngineFacts } from './engine.ts'
import { readServices, type Services } from './services.ts'

export interface HostFacts {
  readonly platform: string
  readonly kernel: string
  readonly user: { readonly name: string; readonly uid: number }
  readonly distribution: Distribution
  readonly serviceManager: Services['manager']
  readonly kvm: KvmFacts
  readonly lxd: LxdFacts
  readonly virtualbox: VirtualBoxFacts
  readonly podman: EngineFacts
  readonly docker: EngineFacts
  readonly conflict: VirtualBoxConflict
  /** False while daemons that were slow to answer are still being asked. */
  readonly final: boolean
  /** Who keeps KVM from the processor, null when nobody does. */
  readonly holder: string | null
}

/**
 * Everything that is quick to read, at once.
 * @param final whether a daemon that does not answer within the machine's patience is taken for silent; else it is unknown
 */
export const readAll = async (machine: Machine, final = true): Promise<HostFacts> => {
  const units = [...KVM_UNITS, ...LXD_UNITS, ...PODMAN_UNITS, ...DOCKER_UNITS]
  const [distribution, accounts, services] = await Promise.all([
    readDistribution(machine),
    readAccounts(machine),
    readServices(machine, units),
  ])
  const [kvm, lxd, virtualbox, podman, docker] = await Promise.all([
    readKvm(machine, accounts, services),
    readLxd(machine, accounts, services),
    readVirtualBox(machine),
    readPodman(machine, accounts, services),
    readDocker(machine, accounts, services),
  ])
  return {
    ...{ platform: machine.platform, kernel: machine.kernel, user: { name: machine.user.name, uid: machine.user.uid } },
    ...{ distribution, serviceManager: services.manager, final, kvm, lxd, virtualbox, podman, docker },
    conflict: virtualbox.installed ? virtualBoxConflict(machine.kernel, virtualbox.version, kvm.modules) : 'none',
    holder: await holderAgainstKvm(machine, virtualbox),
  }
}
