import { afterEach, describe, it } from 'vitest'
import type { ConnectionUri } from '../../contract/index.ts'
import { escapeXml } from '../../libvirt/xml/edit.ts'
import { behaviours, type Bench } from '../conformance.ts'
import type { HypervisorConnection } from '../driver.ts'
import { MemoryDriver } from './driver.ts'
import { domainXml } from './machine.ts'

const URI = 'memory:///conformance' as ConnectionUri
const driver = new MemoryDriver()
const host = driver.host(URI)
// The bench promises machines that ignore their power button.
host.guest = 'deaf'
const open: HypervisorConnection[] = []
let names = 0

const bench: Bench = {
  patience: 2000,
  async connect() {
    const connection = driver.create(URI)
    open.push(connection)
    connection.open()
    await connection.settled()
    return connection
  },
  name: (suffix = '') => `m${names++}${suffix}`,
  definition: name => domainXml(escapeXml(name), crypto.randomUUID()),
  async remove(key) {
    host.remove(key)
  },
}

describe('the memory driver conforms', () => {
  afterEach(() => {
    for (const connection of open.splice(0)) connection.dispose()
  })

  for (const behaviour of behaviours) it(behaviour.name, () => behaviour.run(bench))
})
