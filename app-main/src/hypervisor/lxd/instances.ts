/** What LXD's machines are made from, and what only they can. */
import { z } from 'zod'
import { RemoteError, type InstanceSnapshot, type LxdVolume } from '../../contract/index.ts'
import {
  Image,
  type Instance,
  Network,
  Pool,
  PoolSpace,
  Profile,
  Snapshot,
  Volume,
  logFiles,
  readLog,
  type LxdClient,
} from '../../lxd/index.ts'
import type { DomainKey, Operation } from '../driver.ts'
import type { Instances } from '../instances.ts'
import type { DaemonAccess } from './daemon-access.ts'
import { launch } from './launch.ts'
import { isOn } from './states.ts'
import { typed } from './typed.ts'

/** Lists are for people: what is none of the kind is left out. */
const list = async <T extends z.ZodType>(
  client: LxdClient,
  room: string | readonly string[],
  schema: T,
  signal: AbortSignal,
): Promise<z.output<T>[]> => {
  const path = client.path([room].flat(), { recursion: 1 })
  const all = await client.get(path, z.array(z.unknown()).nullable(), { signal, limitBytes: 64 * 1024 * 1024 })
  return (all ?? []).flatMap(one => {
    const { data, success } = schema.safeParse(one)
    return success ? [data] : []
  })
}

const time = (text: string): number | null => {
  const at = Date.parse(text)
  // Go's zero time is none.
  return Number.isNaN(at) || at <= 0 ? null : at
}

/** What a copy has of its original: not what LXD notes of that one alone, such as its cards' addresses. */
const madeOf = ({ type, profiles, config, devices }: Instance) => ({
  ...{ type, profiles, devices },
  config: Object.fromEntries(Object.entries(config).filter(([name]) => !name.startsWith('volatile.'))),
})

type Reading = 'images' | 'profiles' | 'pools' | 'volumes' | 'networks' | 'snapshots' | 'log'

const readings = (connection: DaemonAccess): Pick<Instances, Reading> => ({
  images: signal =>
    typed(async () =>
      (await list(connection.client(), 'images', Image, signal)).map(image => ({
        ...{ fingerprint: image.fingerprint, architecture: image.architecture, bytes: image.size },
        ...{ aliases: image.aliases.map(({ name }) => name), type: image.type, cached: image.cached },
        description: image.properties['description'] ?? '',
      })),
    ),

  profiles: signal =>
    typed(async () =>
      (await list(connection.client(), 'profiles', Profile, signal)).map(({ name, description, used_by: users }) => ({
        ...{ name, description, usedBy: users.length },
      })),
    ),

  pools: signal =>
    typed(async () => {
      const client = connection.client()
      const pools = await list(client, 'storage-pools', Pool, signal)
      return Promise.all(
        pools.map(async ({ name, driver, status }) => {
          // A pool that is not there keeps the others from nobody.
          const path = client.path(['storage-pools', name, 'resources'])
          const space = (await client.get(path, PoolSpace, { signal }).catch(() => null))?.space
          return { name, driver, status, totalBytes: space?.total || null, usedBytes: space ? space.used : null }
        }),
      )
    }),

  volumes: signal =>
    typed(async () => {
      const client = connection.client()
      const pools = await list(client, 'storage-pools', Pool, signal)
      // One after the other: a pool may have thousands.
      const all: LxdVolume[] = []
      for (const { name: pool } of pools)
        for (const one of await list(client, ['storage-pools', pool, 'volumes'], Volume, signal))
          all.push({ pool, name: one.name, type: one.type, content: one.content_type, usedBy: one.used_by.length })
      return all
    }),

  networks: signal =>
    typed(async () =>
      (await list(connection.client(), 'networks', Network, signal)).map(
        ({ name, type, managed, config, used_by: users }) => ({
          ...{ name, type, managed, usedBy: users.length },
          ipv4: config['ipv4.address'] ?? null,
        }),
      ),
    ),

  snapshots: (key, signal) =>
    typed(async () => {
      const { name } = connection.instance(key)
      const client = connection.client()
      const path = client.path(['instances', name, 'snapshots'], { recursion: 1 })
      const all = await client.get(path, z.array(Snapshot).nullable(), { signal })
      return (all ?? []).map((one): InstanceSnapshot => ({
        name: one.name.split('/').at(-1) ?? one.name,
        createdAt: time(one.created_at),
        stateful: one.stateful,
      }))
    }),

  log: (key, wanted, signal) =>
    typed(async () => {
      const { name } = connection.instance(key)
      const client = connection.client()
      const files = await logFiles(client, name, signal)
      const file = wanted ?? files[0] ?? null
      const tail = file === null ? { text: '', cut: false } : await readLog(client, name, file, signal)
      return { files, file, ...tail }
    }),
})

export const lxdInstances = (connection: DaemonAccess, onSnapshots: Instances['onSnapshots']): Instances => {
  const change = async (
    key: DomainKey,
    { signal, progress }: Operation,
    step: string,
    ask: (client: LxdClient, name: string) => readonly ['POST' | 'PUT' | 'DELETE', string, unknown?],
  ): Promise<void> => {
    const { name } = connection.instance(key)
    const client = connection.client()
    const [method, path, body] = ask(client, name)
    progress(step)
    await client.change(method, path, body, { signal })
    connection.inventory.touch(name)
  }
  return {
    ...readings(connection),
    onSnapshots,
    launch: (wish, operation) => typed(() => launch(connection, wish, operation)),

    takeSnapshot: (key, snapshot, operation) =>
      typed(() =>
        change(key, operation, 'Taking the snapshot', (client, name) => [
          ...(['POST', client.path(['instances', name, 'snapshots'])] as const),
          { name: snapshot, stateful: false },
        ]),
      ),

    restoreSnapshot: (key, snapshot, operation) =>
      typed(() =>
        change(key, operation, 'Restoring the snapshot', (client, name) => [
          ...(['PUT', client.path(['instances', name])] as const),
          { restore: snapshot },
        ]),
      ),

    deleteSnapshot: (key, snapshot, operation) =>
      typed(() =>
        change(key, operation, 'Deleting the snapshot', (client, name) => [
          'DELETE',
          client.path(['instances', name, 'snapshots', snapshot]),
        ]),
      ),

    rename: (key, newName, operation) =>
      typed(async () => {
        const { name, state } = connection.summary(key)
        if (isOn(state))
          throw new RemoteError({
            kind: 'precondition',
            message: `“${name}” runs: LXD renames only machines that are off.`,
            hint: 'Shut it down first.',
          })
        await change(key, operation, 'Renaming', (client, old) => [
          ...(['POST', client.path(['instances', old])] as const),
          { name: newName },
        ])
        connection.inventory.touch(newName)
        await connection.inventory.refresh()
      }),

    copy: (key, newName, operation) =>
      typed(async () => {
        await change(key, operation, 'Copying', (client, name) => [
          ...(['POST', client.path(['instances'])] as const),
          { name: newName, ...madeOf(connection.instance(key)), source: { type: 'copy', source: name } },
        ])
        connection.inventory.touch(newName)
        await connection.inventory.refresh()
      }),
  }
}
