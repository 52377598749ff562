/** Copies of images in storage pools that no machine needs any more. */
import { createLog } from '../../base/log.ts'
import { RemoteError } from '../../contract/index.ts'
import type { FilesInUse, FoundVolume } from '../../hypervisor/creation.ts'
import type { ConnectionSet } from '../connection/connection-set.ts'
import type { Journal } from './journal.ts'
import { COPY_PREFIX } from './placement.ts'

const COPY = new RegExp(`^${COPY_PREFIX}[0-9a-f]{16}\\.[a-z0-9]{1,8}$`)
/** Somebody may have copied it a moment ago and be about to build on it, milliseconds. */
const FRESH_MS = 3_600_000

const log = createLog('create')

/** What machines on this computer say of files that others may want to delete. */
export interface MachineFiles {
  /**
   * Files of this computer that machines need, each with who does. Connections that cannot be asked say nothing. Rejects
   * with `precondition` where a storage pool cannot be read: something in it may need any file.
   */
  inUse(): Promise<ReadonlyMap<string, string>>
  /** Removes copies that nobody needs and nobody touched since `before`, epoch milliseconds; with `dryRun` only tells. */
  cleanCopies(before: number, dryRun: boolean): Promise<{ pool: string; name: string; bytes: number }[]>
}

export const NO_MACHINES: MachineFiles = { inUse: async () => new Map(), cleanCopies: async () => [] }

/** Of a daemon of this computer, whose paths are ours. */
const HERE = /^[a-z]+:\/\/\//

const needed = ({ users, unread }: FilesInUse, { path }: FoundVolume): boolean => unread !== null || users.has(path)

export const machineFiles = (
  connections: Pick<ConnectionSet, 'all' | 'allSettled'>,
  journal: Journal,
): MachineFiles => {
  /** Those that cannot be asked say nothing, and nothing of theirs is deleted. */
  const makers = async () => {
    const signal = new AbortController().signal
    await connections.allSettled(connections.all, false, signal)
    return connections.all.flatMap(({ creation, status, uri }) =>
      creation && status.state === 'ready' ? [{ creation, uri, readOnly: status.readOnly }] : [],
    )
  }
  return {
    async inUse() {
      const found = new Map<string, string>()
      for (const { creation, uri } of (await makers()).filter(one => HERE.test(one.uri))) {
        const { users, unread } = await creation.filesInUse()
        for (const [path, user] of users) found.set(path, `“${user}” on ${uri}`)
        if (unread !== null)
          throw new RemoteError({
            kind: 'precondition',
            message: `The storage pool “${unread}” on ${uri} cannot be read, and something in it may be built on any image.`,
            hint: `virsh -c ${uri} pool-refresh ${unread} tells what is wrong with it.`,
          })
      }
      return found
    },

    async cleanCopies(before, dryRun) {
      const cleaned: { pool: string; name: string; bytes: number }[] = []
      const busy = new Set(
        (await journal.entries()).flatMap(({ copy, connection }) =>
          copy ? [`${connection} ${copy.pool} ${copy.name}`] : [],
        ),
      )
      const limit = Math.min(before, Date.now() - FRESH_MS)
      for (const { creation, uri, readOnly } of await makers()) {
        if (readOnly && !dryRun) continue
        try {
          const copies = (await creation.volumesNamed(COPY_PREFIX)).filter(
            ({ pool, name, touchedAt }) => COPY.test(name) && touchedAt < limit && !busy.has(`${uri} ${pool} ${name}`),
          )
          const use = copies.length > 0 ? await creation.filesInUse() : null
          for (const copy of copies) {
            if (use === null || needed(use, copy)) continue
            const { pool, name, bytes } = copy
            if (dryRun || (await creation.removeUnused(pool, name))) cleaned.push({ pool, name, bytes })
          }
        } catch (error) {
          // What is left there is left; the rest of the cleaning up is not held up by it.
          if (!(error instanceof RemoteError)) throw error
          log.warn('copies of images cannot be cleaned up', { uri, error: error.detail.message })
        }
      }
      return cleaned
    },
  }
}
