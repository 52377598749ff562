import { strict as assert } from 'node:assert'
import { isDeepStrictEqual } from 'node:util'
import { splitDomainId } from '../contract/index.ts'
import type { Behaviour } from './conformance-bench.ts'
import { assertState, eventually, refuses, removal, withMachine } from './conformance-steps.ts'
import type { DomainsChange } from './driver.ts'
import { unattended } from './waiting.ts'

const KEEP = { storage: 'keep', nvram: 'keep' } as const
const NOBODY = '00000000-0000-4000-8000-00000000dead'

export const definitionBehaviours: readonly Behaviour[] = [
  {
    name: 'opens to ready, knows its host, and names every machine by key and URI',
    run: withMachine(async ({ connection }) => {
      assert.equal(connection.status.state, 'ready')
      assert.equal(connection.status.error, null)
      assert.ok(connection.status.host !== null && connection.status.host.hostname !== '')
      for (const [key, summary] of connection.domains)
        assert.deepEqual(splitDomainId(summary.id), { key, uri: connection.uri })
    }),
  },
  {
    name: 'shows a defined machine on every connection, and takes it away when it is undefined',
    run: withMachine(async ({ connection, key, summary }, bench) => {
      const other = await bench.connect()
      await eventually(bench, other, key, one => one?.state === 'shutoff' && isDeepStrictEqual(one, summary()))
      await connection.definition.undefine(key, removal(bench), unattended())
      assert.equal(connection.domains.has(key), false)
      await eventually(bench, other, key, one => one === undefined)
    }),
  },
  {
    name: 'changes a machine that is defined again, and keeps it one machine',
    needs: ['definitions'],
    run: withMachine(async ({ connection, key, summary }, bench) => {
      const xml = await connection.inspect.xml(key, { inactive: true })
      const titled = xml.replace('</name>', '</name>\n  <title>Second &amp; better</title>')
      assert.equal(await connection.definition.define(titled), key)
      await eventually(bench, connection, key, one => one?.title === 'Second & better')
      const namesakes = [...connection.domains.values()].filter(one => one.name === summary().name)
      assert.equal(namesakes.length, 1)
    }),
  },
  {
    name: 'takes names with spaces, quotes, emoji and metacharacters as they are',
    needs: ['any name'],
    run: withMachine(async ({ connection, key, summary }) => {
      assert.ok(summary().name.endsWith(ODD_NAME), summary().name)
      assert.equal((await connection.inspect.detail(key)).name, summary().name)
    }, ' "a\' & <b> $(reboot) `x` ; 😀'),
  },
  {
    name: 'takes a name of 200 characters',
    needs: ['any name'],
    run: withMachine(async ({ summary }) => assert.ok(summary().name.endsWith('n'.repeat(180))), 'n'.repeat(180)),
  },
  {
    name: 'refuses what is no definition, and changes nothing',
    needs: ['definitions'],
    run: withMachine(async ({ connection, key }) => {
      const before = await connection.inspect.xml(key, { inactive: true })
      const count = connection.domains.size
      for (const xml of ['', 'x', '<domain>', '<network/>', '<!DOCTYPE a [<!ENTITY b "c">]><domain>&b;</domain>'])
        await refuses(connection.definition.define(xml), 'invalid-input')
      assert.equal(await connection.inspect.xml(key, { inactive: true }), before)
      assert.equal(connection.domains.size, count)
    }),
  },
  {
    name: 'refuses to undefine a machine that runs, and previews without removing',
    run: withMachine(async scene => {
      const { connection, key } = scene
      await connection.lifecycle.start(key, { paused: false }, unattended())
      await refuses(connection.definition.undefine(key, KEEP, unattended()), 'precondition')
      const preview = await connection.definition.undefinePreview(key)
      assert.equal(preview.savedState, false)
      assertState(scene, 'running')
    }),
  },
  {
    name: 'says not-found for a machine that is not there, whatever is asked',
    async run(bench) {
      const connection = await bench.connect()
      const { definition, inspect, lifecycle, console } = connection
      await refuses(lifecycle.start(NOBODY, { paused: false }, unattended()), 'not-found')
      await refuses(lifecycle.destroy(NOBODY, unattended()), 'not-found')
      await refuses(lifecycle.autostart(NOBODY, true), 'not-found')
      await refuses(inspect.detail(NOBODY), 'not-found')
      await refuses(inspect.xml('../../etc/passwd', { inactive: false }), 'not-found')
      await refuses(inspect.addresses(NOBODY), 'not-found')
      await refuses(definition.undefine(NOBODY, KEEP, unattended()), 'not-found')
      await refuses(definition.undefinePreview(NOBODY), 'not-found')
      await refuses(console.serial(NOBODY, { takeOver: false }), 'not-found')
      await refuses(console.screen(NOBODY), 'not-found')
    },
  },
  {
    name: 'tells nothing more after it is disposed',
    run: withMachine(async ({ key }, bench) => {
      const connection = await bench.connect()
      const other = await bench.connect()
      const heard: DomainsChange[] = []
      connection.onDomains(change => heard.push(change))
      connection.dispose()
      await other.lifecycle.start(key, { paused: false }, unattended())
      await eventually(bench, other, key, one => one?.state === 'running')
      assert.deepEqual(heard, [])
    }),
  },
]

const ODD_NAME = ' "a\' & <b> $(reboot) `x` ; 😀'
