import type { Duplex } from 'node:stream'
import type { JsonFile } from '../../base/json-file.ts'
import { RemoteError, type ConnectionUri, type VireoHandlers } from '../../contract/index.ts'
import type { Context } from '../context.ts'
import { withAdded, withRemoved, type ConnectionList } from './connection-list.ts'
import { describe, type ConnectionSet } from './connection-set.ts'
import { checkedUri } from './connection-uri.ts'

export interface ConnectionRoom {
  readonly connections: ConnectionSet
  readonly file: JsonFile<ConnectionList>
  readonly defaults: readonly ConnectionUri[]
}

const add = async ({ connections, file, defaults }: ConnectionRoom, typed: ConnectionUri, signal: AbortSignal) => {
  const uri = checkedUri(typed)
  const isDefault = defaults.includes(uri)
  const list = await file.read()
  if (connections.has(uri) || list.added.includes(uri)) {
    throw new RemoteError({ kind: 'precondition', message: `${uri} is already in the list.` })
  }
  const connection = connections.add(uri)
  await file.update(value => withAdded(value, uri, isDefault))
  await connections.settled(connection, signal)
  const { error } = connection.status
  // A daemon that is down may come up tomorrow; a driver that can never work is not worth keeping.
  if (error?.kind === 'connection' && error.trouble === 'unsupported-driver') {
    connections.remove(uri)
    await file.update(value => withRemoved(value, uri, isDefault))
    throw new RemoteError(error)
  }
  return describe(connection)
}

const remove = async ({ connections, file, defaults }: ConnectionRoom, uri: ConnectionUri) => {
  const list = await file.read()
  const shown = connections.has(uri) || list.added.includes(uri)
  const isDefault = defaults.includes(uri)
  if (!shown && (!isDefault || list.hidden.includes(uri))) {
    throw new RemoteError({ kind: 'not-found', message: `There is no connection ${uri} in the list.` })
  }
  await file.update(value => withRemoved(value, uri, isDefault))
  connections.remove(uri)
  return {}
}

export const connectionHandlers = (room: ConnectionRoom) =>
  ({
    list: async ({ partial }, { signal }) => {
      const { connections } = room
      await connections.allSettled(connections.all, partial, signal)
      return connections.all.map(describe)
    },
    add: ({ uri }, { signal }) => add(room, uri, signal),
    remove: ({ uri }) => remove(room, uri),
    retry: async ({ uri }) => {
      room.connections.get(uri).retry()
      return {}
    },
    unlock: async ({ uri }) => {
      const connection = room.connections.get(uri)
      await connection.unlock()
      return describe(connection)
    },
  }) satisfies VireoHandlers<Context, Duplex>['connection']
