/** Taking something back must not pull it away from under machines that use it. */
import type { AppError, HostAction } from '../../contract/index.ts'
import type { HostFacts } from '../facts/read-all.ts'
import type { Machine } from '../machine.ts'
import { instancesOf } from './lxd.ts'

/** How many names a refusal spells out. */
const NAMED = 10

const used = (what: string, names: readonly string[], hint: string): AppError | null =>
  names.length === 0 ? null : { kind: 'precondition', message: `${what}: ${names.slice(0, NAMED).join(', ')}.`, hint }

/** Null when nothing is in the way. */
export const undoRefusal = async (machine: Machine, facts: HostFacts, action: HostAction): Promise<AppError | null> => {
  const { libvirt } = facts.kvm
  switch (action) {
    case 'initialise': {
      const names = await instancesOf(machine, facts.lxd.socket)
      if (names === null)
        return { kind: 'precondition', message: `${facts.lxd.product} does not tell whether it has instances.` }
      return used('Instances need this storage and network', names, 'Delete them or move them first.')
    }
    case 'create-default-network':
      return used('Virtual machines run and may use this network', libvirt.running, 'Shut them down first.')
    case 'create-default-pool':
      return used('Virtual machines run and may have their disks there', libvirt.running, 'Shut them down first.')
    case 'install':
    case 'enable':
    case 'start':
    case 'add-to-groups':
    case 'fix-device':
    case 'load-modules':
    case 'unload-modules':
      return null
  }
}
