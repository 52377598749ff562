import { randomBytes } from 'node:crypto'
import { afterEach, describe, it } from 'vitest'
import type { ConnectionUri } from '../../app-main/src/contract/index.ts'
import { behaviours, type Bench, type Need } from '../../app-main/src/hypervisor/conformance.ts'
import type { HypervisorConnection } from '../../app-main/src/hypervisor/driver.ts'
import { KvmDriver } from '../../app-main/src/hypervisor/kvm/driver.ts'
import { domainHandle } from '../fixture/domain.ts'

/** One world for all connections, as long as somebody is connected. */
const URI = 'test:///default' as ConnectionUri
/** What its machines cannot do; these behaviours are proven on real QEMU. */
const LACKS: readonly Need[] = ['a guest that ignores its power button', 'a serial line', 'starting paused', 'channels']

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;').replaceAll("'", '&apos;')

const open: HypervisorConnection[] = []
const bench: Bench = {
  patience: 10_000,
  async connect() {
    const connection = new KvmDriver().create(URI)
    open.push(connection)
    connection.open()
    await connection.settled()
    return connection
  },
  name: (suffix = '') => `t-driver-${randomBytes(4).toString('hex')}${suffix}`,
  definition: name =>
    `<domain type='test'><name>${escape(name)}</name><memory unit='MiB'>16</memory><os><type>hvm</type></os></domain>`,
  remove: key => domainHandle(URI, key, key).dispose(),
}

describe('the kvm driver conforms on libvirt’s test driver', () => {
  afterEach(() => {
    for (const connection of open.splice(0)) connection.dispose()
  })

  const possible = behaviours.filter(({ needs = [] }) => !needs.some(need => LACKS.includes(need)))
  for (const behaviour of possible) it(behaviour.name, () => behaviour.run(bench))
})
