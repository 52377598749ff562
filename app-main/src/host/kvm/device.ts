import { groupName, isMember, type Accounts } from '../facts/accounts.ts'
import type { FileFacts, Machine } from '../machine.ts'

export const KVM_DEVICE = '/dev/kvm'

export interface KvmDevice {
  readonly exists: boolean
  /** By the user that Vireo runs as. */
  readonly usable: boolean
  /** The user QEMU runs as, null where there is none of the usual names. */
  readonly qemuUser: string | null
  readonly qemuUsable: boolean
  /** For instance `0660 root:kvm`. */
  readonly permissions: string
}

/** What distributions call the account that libvirt runs QEMU as. */
const QEMU_USERS = ['libvirt-qemu', 'qemu'] as const

/** By permission bits alone: access lists are for people at the screen, not for a service's account. */
const bitsAllow = (accounts: Accounts, user: string, device: FileFacts): boolean => {
  if ((device.mode & 0o006) === 0o006) return true
  if (accounts.users.get(user)?.uid === device.uid && (device.mode & 0o600) === 0o600) return true
  const group = accounts.groups.find(({ gid }) => gid === device.gid)
  return group !== undefined && (device.mode & 0o060) === 0o060 && isMember(accounts, user, group)
}

const octal = (mode: number) => `0${(mode & 0o777).toString(8).padStart(3, '0')}`

export const readKvmDevice = async ({ files }: Machine, accounts: Accounts): Promise<KvmDevice> => {
  const found = await files.stat(KVM_DEVICE)
  const qemuUser = QEMU_USERS.find(name => accounts.users.has(name)) ?? null
  if (found?.kind !== 'device') return { exists: false, usable: false, qemuUser, qemuUsable: false, permissions: '' }
  const owner = [...accounts.users].find(([, { uid }]) => uid === found.uid)?.[0] ?? `${found.uid}`
  return {
    exists: true,
    usable: await files.usable(KVM_DEVICE),
    qemuUser,
    // libvirt gives the device away to the machine it starts; what keeps QEMU out is a device of nobody's group.
    qemuUsable: qemuUser === null || bitsAllow(accounts, qemuUser, found),
    permissions: `${octal(found.mode)} ${owner}:${groupName(accounts, found.gid)}`,
  }
}
