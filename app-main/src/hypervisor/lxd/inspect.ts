/** Looking at instances. */
import { RemoteError, type DomainStats } from '../../contract/index.ts'
import { InstanceState, isNotFound, type Instance } from '../../lxd/index.ts'
import type { DomainKey, Inspect } from '../driver.ts'
import type { DaemonAccess } from './daemon-access.ts'
import { domainFeatures, NO_SCREEN, NO_XML } from './features.ts'
import { addressesOf, detailOf } from './instance.ts'
import { isOn } from './states.ts'
import { statsOf } from './stats.ts'
import { typed } from './typed.ts'

/** A sick instance keeps its own numbers from being told, not those of others. */
const ONE_MS = 4000
const ONE_BYTES = 4 * 1024 * 1024

export const lxdInspect = (connection: DaemonAccess): Inspect => {
  const stateOf = async (key: DomainKey, { name }: Instance): Promise<InstanceState> => {
    const client = connection.client()
    const path = client.path(['instances', name, 'state'])
    const state = await client.get(path, InstanceState, { deadlineMs: ONE_MS, limitBytes: ONE_BYTES })
    connection.inventory.learn(key, state)
    return state
  }
  const unsupported = (key: DomainKey, message: string) =>
    typed(async () => {
      connection.instance(key)
      throw new RemoteError({ kind: 'unsupported', message })
    })
  return {
    detail: key =>
      typed(async () => {
        connection.inventory.touch(connection.instance(key).name)
        await connection.inventory.refresh()
        const summary = connection.summary(key)
        return detailOf(summary, connection.instance(key), domainFeatures(summary.state))
      }),

    xml: key => unsupported(key, NO_XML),

    stats: keys =>
      typed(async () => {
        connection.client()
        const measured = keys.map(async (key): Promise<DomainStats[]> => {
          const instance = connection.inventory.instance(key)
          if (instance === undefined) return []
          const at = Date.now()
          try {
            const state = isOn(connection.summary(key).state) ? await stateOf(key, instance) : NOTHING
            return [statsOf(connection.uri, instance, state, connection.inventory.host, at)]
          } catch (error) {
            if (isConnectionLost(error)) throw error
            return []
          }
        })
        return (await Promise.all(measured)).flat()
      }),

    addresses: key =>
      typed(async () => {
        const instance = connection.instance(key)
        if (!isOn(connection.summary(key).state)) return []
        return addressesOf(await stateOf(key, instance))
      }),

    screenshot: key => unsupported(key, NO_SCREEN),
  }
}

/** Of a machine that is off. */
const NOTHING: InstanceState = {
  ...{ status: 'Stopped', status_code: 102, disk: {}, network: {}, pid: 0, processes: 0 },
}

const isConnectionLost = (error: unknown): boolean =>
  error instanceof RemoteError && error.detail.kind === 'connection' && !isNotFound(error)
