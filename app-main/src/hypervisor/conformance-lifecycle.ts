import { strict as assert } from 'node:assert'
import type { Behaviour } from './conformance-bench.ts'
import { assertState, eventually, refuses, withMachine } from './conformance-steps.ts'
import { unattended } from './waiting.ts'

const RUN = { paused: false }

export const lifecycleBehaviours: readonly Behaviour[] = [
  {
    name: 'starts, pauses, resumes and forces off; each resolves when the state is reached',
    run: withMachine(async (scene, bench) => {
      const { connection, key } = scene
      const { lifecycle } = connection
      const other = await bench.connect()
      await lifecycle.start(key, RUN, unattended())
      assertState(scene, 'running')
      await lifecycle.suspend(key, unattended())
      assertState(scene, 'paused')
      await eventually(bench, other, key, one => one?.state === 'paused')
      await lifecycle.resume(key, unattended())
      assertState(scene, 'running')
      await lifecycle.destroy(key, unattended())
      assertState(scene, 'shutoff')
      await eventually(bench, other, key, one => one?.state === 'shutoff')
    }),
  },
  {
    name: 'starts paused when asked',
    needs: ['starting paused'],
    run: withMachine(async scene => {
      await scene.connection.lifecycle.start(scene.key, { paused: true }, unattended())
      assertState(scene, 'paused')
    }),
  },
  {
    name: 'refuses what the state rules out, and leaves the state alone',
    run: withMachine(async scene => {
      const { key } = scene
      const { lifecycle } = scene.connection
      await refuses(lifecycle.destroy(key, unattended()), 'precondition')
      await refuses(lifecycle.suspend(key, unattended()), 'precondition')
      await refuses(lifecycle.save(key, unattended()), 'precondition')
      await refuses(lifecycle.reboot(key, unattended()), 'precondition')
      await refuses(lifecycle.discardSave(key, unattended()), 'precondition')
      await lifecycle.start(key, RUN, unattended())
      const again = await refuses(lifecycle.start(key, RUN, unattended()), 'precondition')
      assert.match(again.message, /already running/)
      await refuses(lifecycle.resume(key, unattended()), 'precondition')
      assertState(scene, 'running')
    }),
  },
  {
    name: 'says so when a guest ignores its power button, and forces nothing',
    needs: ['a guest that ignores its power button'],
    run: withMachine(async scene => {
      const { lifecycle } = scene.connection
      await lifecycle.start(scene.key, RUN, unattended())
      const late = lifecycle.shutdown(scene.key, { mode: 'acpi', timeoutSeconds: 1 }, unattended())
      const { hint } = await refuses(late, 'timeout')
      assert.match(hint ?? '', /[Ff]orce/)
      assertState(scene, 'running')
    }),
  },
  {
    name: 'stops waiting for a shutdown when it is cancelled',
    needs: ['a guest that ignores its power button'],
    run: withMachine(async scene => {
      const { lifecycle } = scene.connection
      await lifecycle.start(scene.key, RUN, unattended())
      const abort = new AbortController()
      const operation = { signal: abort.signal, progress: () => undefined }
      const waiting = lifecycle.shutdown(scene.key, { mode: 'acpi', timeoutSeconds: 600 }, operation)
      setTimeout(() => abort.abort(), 50)
      await refuses(waiting, 'cancelled')
      assertState(scene, 'running')
    }),
  },
  {
    name: 'saves memory, goes on from it, and can throw it away',
    needs: ['saved memory'],
    run: withMachine(async scene => {
      const { key } = scene
      const { lifecycle } = scene.connection
      await lifecycle.start(key, RUN, unattended())
      await lifecycle.save(key, unattended())
      assertState(scene, 'saved')
      await lifecycle.start(key, RUN, unattended())
      assertState(scene, 'running')
      await lifecycle.save(key, unattended())
      await lifecycle.discardSave(key, unattended())
      assertState(scene, 'shutoff')
    }),
  },
  {
    name: 'undefines a machine together with its saved memory',
    needs: ['saved memory'],
    run: withMachine(async ({ connection, key }) => {
      await connection.lifecycle.start(key, RUN, unattended())
      await connection.lifecycle.save(key, unattended())
      assert.equal((await connection.definition.undefinePreview(key)).savedState, true)
      await connection.definition.undefine(key, { storage: 'keep', nvram: 'keep' }, unattended())
      assert.equal(connection.domains.has(key), false)
    }),
  },
  {
    name: 'remembers autostart',
    run: withMachine(async ({ connection, key }, bench) => {
      await connection.lifecycle.autostart(key, true)
      await eventually(bench, connection, key, one => one?.autostart === true)
      await connection.lifecycle.autostart(key, false)
      await eventually(bench, connection, key, one => one?.autostart === false)
    }),
  },
  {
    name: 'resets a running machine, which goes on running',
    run: withMachine(async scene => {
      await scene.connection.lifecycle.start(scene.key, RUN, unattended())
      await scene.connection.lifecycle.reset(scene.key, unattended())
      assertState(scene, 'running')
    }),
  },
  {
    name: 'measures the machines it knows and leaves the others out',
    run: withMachine(async ({ connection, key, summary }) => {
      await connection.lifecycle.start(key, RUN, unattended())
      const stats = await connection.inspect.stats([key, '00000000-0000-4000-8000-00000000dead'])
      assert.deepEqual(
        stats.map(one => one.id),
        [summary().id],
      )
      assert.ok(stats[0]?.cpuSeconds !== null)
      assert.deepEqual(await connection.inspect.stats([]), [])
    }),
  },
]
