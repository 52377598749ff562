/** Removable media: what is put into the drives of machines is found, checked and brought to where machines can read it. */
import type { Duplex } from 'node:stream'
import { join } from 'node:path'
import { RemoteError, type DomainId, type VireoHandlers, type VireoPublish } from '../../contract/index.ts'
import type { HypervisorConnection, Operation } from '../../hypervisor/driver.ts'
import type { Media } from '../../hypervisor/media.ts'
import type { ConnectionSet } from '../connection/connection-set.ts'
import type { Context } from '../context.ts'
import { copyIntoPool } from '../create/copy-into-pool.ts'
import { copyName, machinesCanRead } from '../create/placement.ts'
import type { ResolveSource } from '../create/source.ts'
import type { TaskRegistry } from '../task/task-registry.ts'

type Room = VireoHandlers<Context, Duplex>['media']

export interface MediaRoom {
  readonly connections: ConnectionSet
  readonly tasks: TaskRegistry
  /** Finds a file, or downloads what the catalogue knows. */
  readonly resolve: ResolveSource
  readonly publish: VireoPublish
}

const mediaOf = ({ media }: HypervisorConnection): Media => {
  if (media) return media
  throw new RemoteError({ kind: 'unsupported', message: 'Machines of this hypervisor have no drives for media.' })
}

const noMedium = (words: string): RemoteError => {
  const message = `“${words.slice(0, 200)}” is no ISO image, so it does not go into a CD drive.`
  return new RemoteError({ kind: 'invalid-input', message, hint: 'Give an ISO, for instance debian-13:iso.' })
}

/**
 * Where the host's machines can read a medium. Nothing is a medium but an image of one: what is put into a drive is read
 * as it is, and a disk image there would only show the guest its inner structure.
 */
const placed = async (
  { creation, uri }: HypervisorConnection,
  resolve: ResolveSource,
  words: string,
  copies: Map<string, Promise<void>>,
  operation: Operation,
): Promise<string> => {
  operation.progress('Looking at the medium')
  // What is known to be none is not downloaded first.
  const presumed = await resolve(words, operation, false).catch(() => null)
  operation.signal.throwIfAborted()
  if (presumed && presumed.kind !== 'iso') throw noMedium(words)
  const source = await resolve(words, operation, true)
  operation.signal.throwIfAborted()
  if (source.kind !== 'iso') throw noMedium(words)
  if (!creation) throw new RemoteError({ kind: 'unsupported', message: 'Media cannot be brought to this hypervisor.' })
  const { path } = source
  if (await machinesCanRead(path, await creation.host())) return path
  const pool = await creation.usualPool(true)
  const copy = await copyName(path, '.iso')
  await copyIntoPool({ creation, uri, pool: pool.name, copy, path, what: 'medium', copies }, operation)
  return join(pool.path, copy.name)
}

export const mediaHandlers = ({ connections, tasks, resolve, publish }: MediaRoom): Room => {
  /** Whatever came of it: half of it may be done. */
  const told = async <T>(id: DomainId, work: Promise<T>): Promise<T> => {
    try {
      return await work
    } finally {
      publish('media', 'changed', { id })
    }
  }
  const copies = new Map<string, Promise<void>>()
  const find = async (id: DomainId, signal: AbortSignal) => {
    const found = await connections.domain(id, signal)
    return { ...found, media: mediaOf(found.connection) }
  }
  return {
    list: async ({ id }, { signal }) => {
      const { media, key } = await find(id, signal)
      return media.list(key)
    },
    insert: async ({ id, source, drive, force }, { signal }) => {
      const { media, key, connection, summary } = await find(id, signal)
      const spec = { room: 'media', name: 'insert', title: 'Insert medium', target: id, targetName: summary.name }
      return tasks.start({ ...spec, overrides: false }, async operation => {
        const path = await placed(connection, resolve, source, copies, operation)
        operation.signal.throwIfAborted()
        operation.progress('Inserting the medium')
        const done = await told(id, media.change(key, { drive, path, force }))
        operation.progress(
          `In ${done.drive}${done.needsRestart ? ', which the machine has from its next start on' : ''}`,
        )
      })
    },
    eject: async ({ id, drive, force }, { signal }) => {
      const { media, key } = await find(id, signal)
      return told(id, media.change(key, { drive, path: null, force }))
    },
    boot: async ({ id, device }, { signal }) => {
      const { media, key } = await find(id, signal)
      return told(id, media.bootFirst(key, device.includes(':') ? device.toLowerCase() : device))
    },
  }
}
