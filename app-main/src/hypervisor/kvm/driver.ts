/** Machines behind a libvirt daemon: QEMU/KVM above all, and every other driver that lives in a daemon. */
import { existsSync } from 'node:fs'
import type { ConnectionUri, HypervisorKind } from '../../contract/index.ts'
import { parseUri } from '../../libvirt/index.ts'
import type { Driver } from '../driver.ts'
import { SharedLines } from '../share/shared-lines.ts'
import { KvmConnection } from './connection.ts'

/** libvirt's drivers that a daemon can serve. */
const SERVED = ['qemu', 'test', 'lxc', 'xen', 'libxl', 'vz', 'bhyve', 'ch', 'openvz', 'vbox']

export class KvmDriver implements Driver {
  readonly kind = 'kvm'
  readonly #lines = new SharedLines()

  accepts(uri: string): boolean {
    try {
      return SERVED.includes(parseUri(uri).driver)
    } catch {
      return false
    }
  }

  /** The system daemon where libvirt is installed, and this user's own. Root's own is the system's. */
  async defaults(): Promise<ConnectionUri[]> {
    const system = 'qemu:///system' as ConnectionUri
    const session = 'qemu:///session' as ConnectionUri
    return process.getuid?.() === 0 ? [system] : existsSync('/run/libvirt') ? [system, session] : [session, system]
  }

  create(uri: ConnectionUri): KvmConnection {
    return new KvmConnection(uri, kindOf(uri), this.#lines)
  }
}

const kindOf = (uri: string): HypervisorKind => {
  const { driver } = parseUri(uri)
  if (driver === 'qemu') return 'kvm'
  return driver === 'test' ? 'test' : 'other'
}
