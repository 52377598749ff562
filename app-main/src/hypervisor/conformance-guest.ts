import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import type { Behaviour } from './conformance-bench.ts'
import { refuses, withMachine } from './conformance-steps.ts'
import type { DomainKey, HypervisorConnection } from './driver.ts'
import { unattended } from './waiting.ts'

const RUN = { paused: false }
const NAME = 'org.vireo.agent.0'
const PING = '{"execute":"guest-ping"}'

const names = async ({ guest }: HypervisorConnection, key: DomainKey): Promise<string[]> =>
  (await guest.channels(key)).map(({ name }) => name)

export const guestBehaviours: readonly Behaviour[] = [
  {
    name: 'adds a channel to a machine that is off, once however often it is asked, and takes it away again',
    needs: ['channels'],
    run: withMachine(async ({ connection, key }) => {
      const { guest, inspect } = connection
      const before = await inspect.xml(key, { inactive: true })
      for (let round = 0; round < 2; round++)
        assert.deepEqual(await guest.attachChannel(key, NAME), { needsRestart: false })
      assert.deepEqual(await guest.channels(key), [{ name: NAME, connected: false }])
      for (let round = 0; round < 2; round++)
        assert.deepEqual(await guest.detachChannel(key, NAME), { needsRestart: false })
      assert.deepEqual(await names(connection, key), [])
      assert.ok(!(await inspect.xml(key, { inactive: true })).includes(NAME))
      assert.ok(!before.includes(NAME))
    }),
  },
  {
    name: 'adds a channel to a machine that runs, or says that it needs a restart, and tells of it',
    needs: ['channels'],
    run: withMachine(async ({ connection, key }) => {
      const { guest, inspect, lifecycle } = connection
      await lifecycle.start(key, RUN, unattended())
      const told = new Promise<DomainKey>(resolve => guest.onGuestAgent(resolve))
      const { needsRestart } = await guest.attachChannel(key, NAME)
      assert.ok((await inspect.xml(key, { inactive: true })).includes(NAME))
      assert.deepEqual(await names(connection, key), needsRestart ? [] : [NAME])
      if (!needsRestart) assert.equal(await told, key)
      await guest.detachChannel(key, NAME)
      assert.ok(!(await inspect.xml(key, { inactive: true })).includes(NAME))
    }),
  },
  {
    name: 'opens a channel of a running machine for several, and ends it for all when the machine goes off',
    needs: ['channels'],
    run: withMachine(async ({ connection, key }) => {
      const { guest, lifecycle } = connection
      await guest.attachChannel(key, NAME)
      await refuses(guest.open(key, NAME), 'precondition')
      await lifecycle.start(key, RUN, unattended())
      await refuses(guest.open(key, 'org.vireo.absent.0'), 'not-found')
      const lines = [await guest.open(key, NAME), await guest.open(key, NAME)]
      const ends = lines.map(line => once(line.resume(), 'end'))
      await lifecycle.destroy(key, unattended())
      await Promise.all(ends)
    }),
  },
  {
    name: 'refuses names that are none and machines that are not there, and changes nothing',
    needs: ['channels'],
    run: withMachine(async ({ connection, key }) => {
      const { guest, inspect } = connection
      const before = await inspect.xml(key, { inactive: true })
      for (const name of ['', 'a b', '../a', "'/><b", '\u0000', 'x'.repeat(65)]) {
        await refuses(guest.attachChannel(key, name), 'invalid-input')
        await refuses(guest.detachChannel(key, name), 'invalid-input')
      }
      assert.equal(await inspect.xml(key, { inactive: true }), before)
      const nobody = '00000000-0000-4000-8000-00000000dead'
      await refuses(guest.channels(nobody), 'not-found')
      await refuses(guest.attachChannel(nobody, NAME), 'not-found')
      await refuses(guest.agentCommand(nobody, PING, 1), 'not-found')
    }),
  },
  {
    name: 'says why an agent cannot be asked: off, no channel, nobody there',
    needs: ['channels'],
    run: withMachine(async ({ connection, key }) => {
      const { guest, inspect, lifecycle } = connection
      await refuses(guest.agentCommand(key, PING, 1), 'precondition')
      assert.match((await inspect.detail(key)).features['guest-agent'] ?? '', /no channel/)
      await lifecycle.start(key, RUN, unattended())
      await refuses(guest.agentCommand(key, PING, 1), 'unsupported')
      await lifecycle.destroy(key, unattended())
      await guest.attachChannel(key, 'org.qemu.guest_agent.0')
      await lifecycle.start(key, RUN, unattended())
      await refuses(guest.agentCommand(key, PING, 1), 'precondition')
      assert.match((await inspect.detail(key)).features['guest-agent'] ?? '', /not running/)
    }),
  },
]
