import type { Duplex } from 'node:stream'
import { withDeadline } from '../../base/deadline.ts'
import {
  networkEnglish,
  RemoteError,
  type ConnectionNetworks,
  type ConnectionUri,
  type Network,
  type NetworkIssue,
  type NetworkUser,
  type NewNetwork,
  type TaskRef,
  type VireoHandlers,
} from '../../contract/index.ts'
import type { HypervisorConnection, Operation } from '../../hypervisor/driver.ts'
import type { Networks } from '../../hypervisor/networks.ts'
import type { ConnectionSet } from '../connection/connection-set.ts'
import type { Context } from '../context.ts'
import type { TaskRegistry } from '../task/task-registry.ts'
import { addressFor, cardOf, type Card } from './fixed-address.ts'
import { checkNewNetwork, proposedSubnet, type CheckedNetwork, type Surroundings } from './new-network.ts'
import { OneAtATime } from './one-at-a-time.ts'
import { subnetText } from './subnet.ts'

type Room = VireoHandlers<Context, Duplex>['network']

/** One daemon that is silent must not keep the networks of the others back, in milliseconds. */
const LIST_MS = 8000

const namesOf = (users: readonly NetworkUser[]): string => {
  const named = users.slice(0, 5).map(({ name }) => `“${name}”`)
  return users.length > named.length ? `${named.join(', ')} and ${users.length - named.length} more` : named.join(', ')
}

const inUse = (name: string, users: readonly NetworkUser[], hint: string): RemoteError =>
  new RemoteError({ kind: 'precondition', message: `The network “${name}” is used by ${namesOf(users)}.`, hint })

/** Typed, with every sentence of its own for who shows them at their fields. */
const invalid = (what: string, issues: readonly NetworkIssue[]): RemoteError => {
  const sentences = issues.map(issue => `${networkEnglish(issue)}.`)
  return new RemoteError({ kind: 'invalid-input', message: `${what}: ${sentences[0] ?? ''}`, issues: sentences })
}

const surroundings = async (networks: Networks): Promise<Surroundings> => {
  const [known, host] = await Promise.all([networks.list(), networks.host()])
  return { networks: known, host }
}

const listOne = async (connection: HypervisorConnection, signal: AbortSignal): Promise<ConnectionNetworks> => {
  const { uri, status } = connection
  try {
    if (status.state !== 'ready' && status.error !== null) throw new RemoteError(status.error)
    const deadline = { ms: LIST_MS, what: `Listing the networks of ${uri}`, signal }
    return {
      connection: uri,
      networks: sorted(await withDeadline(deadline, () => connection.network.list())),
      error: null,
    }
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error
    return { connection: uri, networks: [], error: error.detail }
  }
}

const sorted = (networks: readonly Network[]): Network[] => networks.toSorted((a, b) => (a.name < b.name ? -1 : 1))

type Of = (uri: ConnectionUri, signal: AbortSignal) => Promise<Networks>

const readings = (connections: ConnectionSet, of: Of): Pick<Room, 'list' | 'info' | 'host' | 'check' | 'leases'> => ({
  list: async ({ connection, partial }, { signal }) => {
    const asked = connection === undefined ? connections.all : [connections.get(connection)]
    // Whoever follows the events hears of slow connections, and of machines that are still being read, by itself.
    await (partial ? connections.allSettled(asked, true, signal) : connections.complete(asked, signal))
    return Promise.all(asked.map(one => listOne(one, signal)))
  },
  info: async ({ connection, name }, { signal }) => {
    const { network, xml } = await (await of(connection, signal)).get(name)
    return { ...network, xml }
  },
  host: async ({ connection }, { signal }) => {
    const around = await surroundings(await of(connection, signal))
    const owner = (bridge: string) =>
      around.networks.find(one => one.bridge === bridge && one.kind !== 'bridge')?.name ?? null
    const free = proposedSubnet(around)
    return {
      interfaces: around.host?.interfaces.map(one => ({ ...one, network: owner(one.name) })) ?? null,
      freeSubnet: free === null ? null : subnetText(free),
    }
  },
  check: async (wanted, { signal }) => {
    const { issues, plan } = await checked(await of(wanted.connection, signal), wanted)
    return { issues, plan }
  },
  leases: async ({ connection, name }, { signal }) => (await of(connection, signal)).leases(name),
})

const checked = async (networks: Networks, wanted: NewNetwork): Promise<CheckedNetwork> =>
  checkNewNetwork(wanted, await surroundings(networks))

type Change = 'create' | 'start' | 'stop' | 'autostart' | 'delete'

const changes = (of: Of, tasks: TaskRegistry): Pick<Room, Change> => {
  // Two that are made at the same time must not be given the same free subnet.
  const creating = new OneAtATime()
  // As tasks: a browser cuts the request that would wait, because a bridge that comes or goes is a change of the network to it.
  const begin = (
    { name, title }: { name: Exclude<Change, 'autostart'>; title: string },
    one: { connection: ConnectionUri; name: string },
    work: (operation: Operation) => Promise<void>,
  ): TaskRef => {
    const target = `network:${one.name}@${one.connection}`
    return tasks.start({ room: 'network', name, title, target, targetName: one.name, overrides: false }, work)
  }
  return {
    create: async ({ autostart, start, ...wanted }, { signal }) => {
      const networks = await of(wanted.connection, signal)
      refuseInvalid(await checked(networks, wanted))
      return begin({ name: 'create', title: 'Make network' }, wanted, operation =>
        creating.run(wanted.connection, async () => {
          // Others may have been made since.
          const { issues, plan } = await checked(networks, wanted)
          refuseInvalid({ issues })
          operation.signal.throwIfAborted()
          await networks.create(plan, { autostart, start })
        }),
      )
    },
    start: async (one, { signal }) => {
      const networks = await of(one.connection, signal)
      return begin({ name: 'start', title: 'Start network' }, one, () => networks.start(one.name))
    },
    stop: async ({ evenIfUsed, ...one }, { signal }) => {
      const networks = await of(one.connection, signal)
      const running = (await networks.get(one.name)).network.users.filter(user => user.running)
      if (running.length > 0 && !evenIfUsed)
        throw inUse(one.name, running, 'Shut them down first, or stop it all the same.')
      return begin({ name: 'stop', title: 'Stop network' }, one, () => networks.stop(one.name))
    },
    autostart: async ({ connection, name, enabled }, { signal }) => {
      await (await of(connection, signal)).autostart(name, enabled)
      return {}
    },
    delete: async ({ evenIfUsed, ...one }, { signal }) => {
      const networks = await of(one.connection, signal)
      const { users } = (await networks.get(one.name)).network
      if (users.length > 0 && !evenIfUsed)
        throw inUse(one.name, users, 'Plug them into another network first, or delete it all the same.')
      return begin({ name: 'delete', title: 'Delete network' }, one, () => networks.remove(one.name))
    },
  }
}

const refuseInvalid = ({ issues }: Pick<CheckedNetwork, 'issues'>): void => {
  if (issues.length > 0) throw invalid('The network cannot be made', issues)
}

const addresses = (connections: ConnectionSet): Pick<Room, 'fixAddress' | 'freeAddress'> => {
  const find = async (
    input: { id: Parameters<ConnectionSet['domain']>[0]; mac: string | null },
    signal: AbortSignal,
  ) => {
    const { connection, summary } = await connections.domain(input.id, signal)
    await connections.complete([connection], signal)
    const wish = { id: input.id, machine: summary.name, mac: input.mac }
    const card = cardOf(await connection.network.list(), wish)
    if ('code' in card) throw invalid('The address cannot be fixed', [card])
    return { networks: connection.network, card }
  }
  const entryOf = ({ network, mac }: Card) => ({ network: network.name, mac })
  return {
    fixAddress: async (input, { signal }) => {
      const { networks, card } = await find(input, signal)
      const ip = addressFor(card, input.ip, await networks.leases(card.network.name), Date.now())
      if (typeof ip !== 'string') throw invalid('The address cannot be fixed', [ip])
      await networks.fixAddress(card.network.name, { mac: card.mac, ip })
      return { ...entryOf(card), ip }
    },
    freeAddress: async (input, { signal }) => {
      const { networks, card } = await find(input, signal)
      await networks.freeAddress(card.network.name, card.mac)
      return entryOf(card)
    },
  }
}

export const networkHandlers = (connections: ConnectionSet, tasks: TaskRegistry): Room => {
  const of: Of = async (uri, signal) => {
    const connection = connections.get(uri)
    await connections.settled(connection, signal)
    return connection.network
  }
  return { ...readings(connections, of), ...changes(of, tasks), ...addresses(connections) }
}
