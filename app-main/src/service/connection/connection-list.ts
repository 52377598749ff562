/** Which connections the person wants: what was added, and which of the drivers' own suggestions were removed. */
import { z } from 'zod'
import { JsonFile } from '../../base/json-file.ts'
import { ConnectionUri } from '../../contract/index.ts'

const ConnectionList = z.object({ added: z.array(ConnectionUri), hidden: z.array(ConnectionUri).default([]) })
export type ConnectionList = z.infer<typeof ConnectionList>

export const connectionListFile = (path: string): JsonFile<ConnectionList> =>
  new JsonFile(path, raw => ConnectionList.parse(raw), { added: [], hidden: [] })

const without = (uris: readonly ConnectionUri[], uri: ConnectionUri) => uris.filter(other => other !== uri)

export const withAdded = (list: ConnectionList, uri: ConnectionUri, isDefault: boolean): ConnectionList => ({
  added: isDefault ? without(list.added, uri) : [...without(list.added, uri), uri],
  hidden: without(list.hidden, uri),
})

export const withRemoved = (list: ConnectionList, uri: ConnectionUri, isDefault: boolean): ConnectionList => ({
  added: without(list.added, uri),
  hidden: isDefault ? [...without(list.hidden, uri), uri] : without(list.hidden, uri),
})

/** The connections to show: suggestions first, in their order, then what was added. */
export const effective = (list: ConnectionList, defaults: readonly ConnectionUri[]): ConnectionUri[] => [
  ...new Set([...defaults.filter(uri => !list.hidden.includes(uri)), ...list.added]),
]
