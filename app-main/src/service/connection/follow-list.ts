/** Keeps the open connections equal to the list in the file, whoever changes it. */
import type { Disposable } from '../../base/disposable.ts'
import type { JsonFile } from '../../base/json-file.ts'
import { createLog } from '../../base/log.ts'
import type { ConnectionUri } from '../../contract/index.ts'
import { effective, type ConnectionList } from './connection-list.ts'
import type { ConnectionSet } from './connection-set.ts'

const log = createLog('connection')

/** Opens what the list holds, then follows its changes. Rejects when it cannot be watched; what it held is open then. */
export const followList = async (
  connections: ConnectionSet,
  file: JsonFile<ConnectionList>,
  defaults: readonly ConnectionUri[],
): Promise<Disposable> => {
  let shown: readonly ConnectionUri[] = []
  const show = (list: ConnectionList): void => {
    const wanted = effective(list, defaults)
    // Only what changed: a connection that this process is just adding is not in the file yet.
    for (const uri of shown) if (!wanted.includes(uri)) connections.remove(uri)
    for (const uri of wanted) if (!shown.includes(uri) && !connections.has(uri)) addTo(connections, uri)
    shown = wanted
  }
  show(await file.read())
  return file.watch(show)
}

const addTo = (connections: ConnectionSet, uri: ConnectionUri): void => {
  try {
    connections.add(uri)
  } catch (error) {
    log.warn('configured, but no driver serves it', { uri, error: error instanceof Error ? error.message : error })
  }
}
