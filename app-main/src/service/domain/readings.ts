/** Questions that go to several connections at once: a sick one never delays the others. */
import { withDeadline } from '../../base/deadline.ts'
import { createLog } from '../../base/log.ts'
import {
  splitDomainId,
  type ConnectionUri,
  type DomainId,
  type DomainStats,
  type DomainSummary,
} from '../../contract/index.ts'
import { withStaleness, type ConnectionSet } from '../connection/connection-set.ts'

/** How long one connection may take to measure its machines, in milliseconds. */
const STATS_MS = 5_000
const log = createLog('domain')

/**
 * What is known: of a connection that does not answer in time, the last known machines. Throws `not-found` for a
 * connection that there is not.
 */
export const listDomains = async (
  connections: ConnectionSet,
  { connection: only, partial }: { connection?: ConnectionUri | undefined; partial: boolean },
  signal: AbortSignal,
): Promise<DomainSummary[]> => {
  const asked = only === undefined ? connections.all : [connections.get(only)]
  await (partial ? connections.allSettled(asked, true, signal) : connections.complete(asked, signal))
  return asked.flatMap(connection => [...connection.domains.values()].map(one => withStaleness(one, connection)))
}

const grouped = (ids: readonly DomainId[]): Map<ConnectionUri, string[]> => {
  const keys = new Map<ConnectionUri, string[]>()
  for (const id of new Set(ids)) {
    const { key, uri } = splitDomainId(id)
    const group = keys.get(uri)
    if (group) group.push(key)
    else keys.set(uri, [key])
  }
  return keys
}

/** One bulk request per connection. Machines that are unknown, or whose connection fails, are left out. */
export const measure = async (
  connections: ConnectionSet,
  ids: readonly DomainId[],
  signal: AbortSignal,
): Promise<DomainStats[]> => {
  const answers = [...grouped(ids)].map(async ([uri, keys]) => {
    const connection = connections.all.find(candidate => candidate.uri === uri)
    if (connection?.status.state !== 'ready') return []
    const what = `Measuring on ${uri}`
    return withDeadline({ ms: STATS_MS, what, signal }, () => connection.inspect.stats(keys)).catch(
      (error: unknown) => {
        log.warn('no measurement', { uri, error: error instanceof Error ? error.message : error })
        return []
      },
    )
  })
  return (await Promise.all(answers)).flat()
}
