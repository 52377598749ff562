import { randomBytes } from 'node:crypto'
import { afterEach, describe, it } from 'vitest'
import type { ConnectionUri } from '../../app-main/src/contract/index.ts'
import { behaviours, type Bench } from '../../app-main/src/hypervisor/conformance.ts'
import type { HypervisorConnection } from '../../app-main/src/hypervisor/driver.ts'
import { KvmDriver } from '../../app-main/src/hypervisor/kvm/driver.ts'
import { domainXml } from '../fixture/domain-xml.ts'
import { domainHandle } from '../fixture/domain.ts'

const URI = 'qemu:///system' as ConnectionUri

const open: HypervisorConnection[] = []

/** Each connection has a driver of its own, as each Vireo process has: nothing is shared but what is shared for real. */
const bench: Bench = {
  patience: 30_000,
  async connect() {
    const connection = new KvmDriver().create(URI)
    open.push(connection)
    connection.open()
    await connection.settled()
    return connection
  },
  name: (suffix = '') => `t-driver-${randomBytes(4).toString('hex')}${suffix}`,
  definition: name =>
    domainXml({
      name,
      memoryMiB: 16,
      vcpus: 1,
      graphics: 'vnc',
      network: 'none',
      channels: [],
      disks: [],
      virtioConsole: false,
      extraDevices: '',
    }),
  remove: key => domainHandle(URI, key, key).dispose(),
}

describe('the kvm driver conforms on real QEMU', () => {
  afterEach(() => {
    for (const connection of open.splice(0)) connection.dispose()
  })

  for (const behaviour of behaviours) it(behaviour.name, () => behaviour.run(bench))
})
