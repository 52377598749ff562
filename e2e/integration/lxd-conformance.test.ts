import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, it } from 'vitest'
import type { ConnectionUri } from '../../app-main/src/contract/index.ts'
import { behaviours, type Bench, type Need } from '../../app-main/src/hypervisor/conformance.ts'
import type { HypervisorConnection } from '../../app-main/src/hypervisor/driver.ts'
import { LxdDriver } from '../../app-main/src/hypervisor/lxd/driver.ts'
import { lxdDaemon, type LxdDaemon } from '../fixture/lxd.ts'

let lxd: LxdDaemon
beforeAll(async () => (lxd = await lxdDaemon()))
afterAll(() => lxd[Symbol.asyncDispose]())

const open: HypervisorConnection[] = []
/** What its feature sheet says that it has not, and names: LXD takes only names of hosts. */
const WITHOUT: readonly Need[] = ['definitions', 'any name', 'saved memory', 'starting paused', 'channels']

/** Each connection has a driver of its own, as each Vireo process has. */
const bench: Bench = {
  patience: 30_000,
  storage: 'delete',
  definition: null,
  async connect() {
    const connection = new LxdDriver().create(lxd.uri as ConnectionUri)
    open.push(connection)
    connection.open()
    await connection.settled()
    return connection
  },
  name: (suffix = '') => `t-lxd-${randomBytes(4).toString('hex')}${suffix}`,
  make: async name => (await lxd.make({ name, config: ['environment.VIREO_DEAF=1'] })).uuid,
  remove: key => lxd.remove(key),
}

describe('the lxd driver conforms on the real LXD', () => {
  afterEach(() => {
    for (const connection of open.splice(0)) connection.dispose()
  })

  for (const behaviour of behaviours.filter(({ needs = [] }) => !needs.some(need => WITHOUT.includes(need))))
    it(behaviour.name, () => behaviour.run(bench))
})
