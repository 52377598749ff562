/** What qemu-ga says of its guest, in the contract's words: names made harmless, numbers checked already. */
import type { GuestFilesystem, GuestInterface, GuestUser } from '@vireo/app-main/contract'
import type * as v from 'valibot'
import { addressesOf, macOf } from '../network-text.ts'
import { plainText } from '../plain-text.ts'
import type * as schema from './schema.ts'

type Answer<S extends v.GenericSchema> = v.InferOutput<S>

export const optional = (text: string | undefined): string | null =>
  text === undefined || text === '' ? null : plainText(text, 256)

export const interfacesOf = (interfaces: Answer<typeof schema.interfaces>): GuestInterface[] =>
  interfaces.map(one => ({
    name: plainText(one.name, 64),
    mac: macOf(one['hardware-address'] ?? null),
    addresses: addressesOf((one['ip-addresses'] ?? []).map(({ 'ip-address': ip, prefix }) => `${ip}/${prefix}`)),
    up: null,
    mtu: null,
    receivedBytes: one.statistics?.['rx-bytes'] ?? null,
    sentBytes: one.statistics?.['tx-bytes'] ?? null,
  }))

/** qemu-ga's total leaves out what only root may fill; newer ones tell the whole as well. */
export const filesystemsOf = (filesystems: Answer<typeof schema.filesystems>): GuestFilesystem[] =>
  filesystems.map(one => {
    const used = one['used-bytes'] ?? null
    const usable = one['total-bytes'] ?? null
    const [disk] = one.disk ?? []
    return {
      mountPoint: plainText(one.mountpoint, 4096),
      device: optional(disk?.dev) ?? optional(one.name),
      type: optional(one.type),
      totalBytes: one['total-bytes-privileged'] ?? usable,
      usedBytes: used,
      availableBytes: used === null || usable === null ? null : Math.max(0, usable - used),
    }
  })

export const usersOf = (users: Answer<typeof schema.users>): GuestUser[] =>
  users.map(one => ({ name: plainText(one.user, 256), loginAt: Math.round(one['login-time'] * 1000), terminal: null }))
