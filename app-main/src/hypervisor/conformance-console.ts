import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import type { Behaviour } from './conformance-bench.ts'
import { refuses, withMachine } from './conformance-steps.ts'
import { unattended } from './waiting.ts'

const RUN = { paused: false }
const SERIAL = { takeOver: false }

export const consoleBehaviours: readonly Behaviour[] = [
  {
    name: 'has no serial line while the machine is off, and none that was not defined',
    needs: ['a serial line'],
    run: withMachine(async ({ connection, key }) => {
      await refuses(connection.console.serial(key, SERIAL), 'precondition')
      await connection.lifecycle.start(key, RUN, unattended())
      await refuses(connection.console.serial(key, { alias: '../serial9', takeOver: false }), 'not-found')
    }),
  },
  {
    name: 'lists the serial line under the name that opens it',
    needs: ['a serial line'],
    run: withMachine(async ({ connection, key }) => {
      await connection.lifecycle.start(key, RUN, unattended())
      const { consoles } = await connection.inspect.detail(key)
      const [first] = consoles
      assert.ok(first !== undefined)
      const line = await connection.console.serial(key, { alias: first.alias, takeOver: false })
      line.destroy()
    }),
  },
  {
    name: 'lets several use one serial line, and ends it for all when the machine goes off',
    needs: ['a serial line'],
    run: withMachine(async ({ connection, key }) => {
      await connection.lifecycle.start(key, RUN, unattended())
      const lines = [await connection.console.serial(key, SERIAL), await connection.console.serial(key, SERIAL)]
      const ends = lines.map(line => once(line.resume(), 'end'))
      await connection.lifecycle.destroy(key, unattended())
      await Promise.all(ends)
    }),
  },
  {
    name: 'opens the line again after everybody left it',
    needs: ['a serial line'],
    run: withMachine(async ({ connection, key }) => {
      await connection.lifecycle.start(key, RUN, unattended())
      for (let round = 0; round < 3; round++) {
        const line = await connection.console.serial(key, SERIAL)
        line.destroy()
        await once(line, 'close')
      }
    }),
  },
  {
    name: 'opens a screen, or its sheet says why not',
    run: withMachine(async ({ connection, key }) => {
      await connection.lifecycle.start(key, RUN, unattended())
      const { features } = await connection.inspect.detail(key)
      if (features.screen !== undefined) {
        await refuses(connection.console.screen(key), 'unsupported')
        return
      }
      const screen = await connection.console.screen(key)
      const [greeting] = (await once(screen, 'data')) as [Buffer]
      assert.match(greeting.toString('latin1'), /^RFB 003\.00[38]\n/)
      screen.destroy()
    }),
  },
]
