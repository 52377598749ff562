/** LXD's machines are made from images; what can be said here is what deleting one takes away. */
import { RemoteError } from '../../contract/index.ts'
import type { Instance } from '../../lxd/index.ts'
import type { Definition, UndefinePreview } from '../driver.ts'
import { requireState } from '../preconditions.ts'
import { waitForDomain } from '../waiting.ts'
import type { DaemonAccess } from './daemon-access.ts'
import { NO_SCREEN, NO_XML } from './features.ts'
import { typed } from './typed.ts'

const TELL_MS = 15_000

export const lxdDefinition = (connection: DaemonAccess): Definition => ({
  define: () =>
    typed(async () => {
      connection.client()
      throw new RemoteError({ kind: 'unsupported', message: NO_XML })
    }),

  undefinePreview: key =>
    typed(async () => previewOf(connection.instance(key), connection.summary(key).state === 'saved')),

  undefine: (key, { storage }, { signal }) =>
    typed(async () => {
      const { name, snapshots } = connection.instance(key)
      const client = connection.client()
      requireState(connection.summary(key), 'undefine')
      if (storage === 'keep')
        throw new RemoteError({
          kind: 'unsupported',
          message: `LXD deletes the root disk of “${name}” with it, and its ${snapshots.length} snapshots.`,
          hint: 'Choose to delete the disks, too. Volumes attached from elsewhere are kept.',
        })
      await client.change('DELETE', client.path(['instances', name]), undefined, { signal })
      connection.inventory.touch(name)
      await connection.inventory.refresh()
      await waitForDomain(connection, key, one => one === undefined, {
        deadlineMs: TELL_MS,
        signal,
        late: () => new RemoteError({ kind: 'timeout', message: `“${name}” is still there after it was deleted.` }),
      })
    }),

  switchToVnc: key =>
    typed(async () => {
      connection.instance(key)
      throw new RemoteError({ kind: 'unsupported', message: NO_SCREEN })
    }),
})

/** Its root disk goes with it; what is attached from elsewhere stays. */
const previewOf = (instance: Instance, savedState: boolean): UndefinePreview => ({
  disks: Object.entries(instance.expanded_devices)
    .filter(([, device]) => device['type'] === 'disk')
    .map(([name, device]) => {
      const root = device['path'] === '/' && device['source'] === undefined
      const pool = device['pool'] === undefined ? '' : `${device['pool']}/`
      return {
        target: device['path'] ?? name,
        path: `${pool}${root ? instance.name : (device['source'] ?? name)}`,
        keptBecause: root ? null : 'It is attached from elsewhere.',
      }
    }),
  nvram: null,
  savedState,
  snapshots: instance.snapshots.length,
})
