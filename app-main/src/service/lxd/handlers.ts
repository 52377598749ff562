/** The room `lxd`. */
import type { Duplex } from 'node:stream'
import {
  RemoteError,
  type ConnectionUri,
  type DomainId,
  type TaskRef,
  type VireoHandlers,
} from '../../contract/index.ts'
import type { HypervisorConnection, Operation } from '../../hypervisor/driver.ts'
import type { Instances } from '../../hypervisor/instances.ts'
import type { ConnectionSet } from '../connection/connection-set.ts'
import type { Context } from '../context.ts'
import { streamOf } from '../ssh/terminal-stream.ts'
import type { TaskRegistry } from '../task/task-registry.ts'
import { SharedReadings } from './shared-readings.ts'

const instancesOf = ({ uri, instances }: HypervisorConnection): Instances => {
  if (instances !== undefined) return instances
  throw new RemoteError({
    kind: 'unsupported',
    message: `${uri} is not one of LXD or Incus.`,
    hint: 'Choose one with --connection, for instance lxd:///.',
  })
}

const nothingInside = (name: string): never => {
  const message = `The hypervisor of “${name}” reaches into no machine.`
  throw new RemoteError({ kind: 'unsupported', message, hint: 'Use a terminal over SSH.' })
}

const notRunning = (name: string): never => {
  throw new RemoteError({ kind: 'precondition', message: `“${name}” is not running.` })
}

export const lxdHandlers = (connections: ConnectionSet, tasks: TaskRegistry): VireoHandlers<Context, Duplex>['lxd'] => {
  const at = async (uri: ConnectionUri, signal: AbortSignal): Promise<Instances> => {
    const connection = connections.get(uri)
    await connections.settled(connection, signal)
    return instancesOf(connection)
  }
  const list = <T>(read: (instances: Instances, signal: AbortSignal) => Promise<T>) => {
    const shared = new SharedReadings<T>()
    return async ({ connection }: { connection: ConnectionUri }, { signal }: Context): Promise<T> => {
      const instances = await at(connection, signal)
      // Others may still want what one has given up; the requests have their own deadlines.
      return shared.get(connection, () => read(instances, new AbortController().signal))
    }
  }
  const begin =
    <I extends { readonly id: DomainId }>(
      name: string,
      title: string,
      work: (instances: Instances, key: string, input: I, operation: Operation) => Promise<void>,
    ) =>
    async (input: I, { signal }: Context): Promise<TaskRef> => {
      const { connection, key, summary } = await connections.domain(input.id, signal)
      const instances = instancesOf(connection)
      const spec = { room: 'lxd', name, title, target: input.id, targetName: summary.name, overrides: false }
      return tasks.start(spec, operation => work(instances, key, input, operation))
    }
  type Named = { id: DomainId; newName: string }
  type Snap = { id: DomainId; snapshot: string }
  return {
    launch: async ({ connection, ...wish }, { signal }) => {
      const instances = await at(connection, signal)
      // Two of one name exclude each other; others do not.
      const target = `${wish.name}@${connection}`
      const spec = { room: 'lxd', name: 'launch', title: 'Launch', target, targetName: wish.name, overrides: false }
      return tasks.start(spec, async operation => void (await instances.launch(wish, operation)))
    },
    images: list((instances, signal) => instances.images(signal)),
    profiles: list((instances, signal) => instances.profiles(signal)),
    pools: list((instances, signal) => instances.pools(signal)),
    volumes: list((instances, signal) => instances.volumes(signal)),
    networks: list((instances, signal) => instances.networks(signal)),
    snapshots: async ({ id }, { signal }) => {
      const { connection, key } = await connections.domain(id, signal)
      return instancesOf(connection).snapshots(key, signal)
    },
    log: async ({ id, file }, { signal }) => {
      const { connection, key } = await connections.domain(id, signal)
      return instancesOf(connection).log(key, file, signal)
    },
    takeSnapshot: begin('takeSnapshot', 'Take snapshot', (all, key, { snapshot }: Snap, operation) =>
      all.takeSnapshot(key, snapshot, operation),
    ),
    restoreSnapshot: begin('restoreSnapshot', 'Restore snapshot', (all, key, { snapshot }: Snap, operation) =>
      all.restoreSnapshot(key, snapshot, operation),
    ),
    deleteSnapshot: begin('deleteSnapshot', 'Delete snapshot', (all, key, { snapshot }: Snap, operation) =>
      all.deleteSnapshot(key, snapshot, operation),
    ),
    rename: begin('rename', 'Rename', (all, key, { newName }: Named, operation) => all.rename(key, newName, operation)),
    terminal: async ({ id, columns, rows }, { signal }) => {
      const { connection, key, summary } = await connections.domain(id, signal)
      const { inside } = connection.guest
      if (inside === undefined) return nothingInside(summary.name)
      if (summary.state !== 'running') return notRunning(summary.name)
      return streamOf(onOutput => inside.terminal(key, { columns, rows }, onOutput, signal))
    },
    copy: begin('copy', 'Copy', (all, key, { newName }: Named, operation) => all.copy(key, newName, operation)),
  }
}
