import { Duplex } from 'node:stream'
import { domainId, type DomainId, type VireoHandlers } from '../../contract/index.ts'
import { createLog } from '../../base/log.ts'
import type { ConnectionSet } from '../connection/connection-set.ts'
import type { Context } from '../context.ts'
import type { TaskRegistry } from '../task/task-registry.ts'
import { domainActions } from './actions.ts'
import { listDomains, measure } from './readings.ts'

const log = createLog('domain')

type Room = VireoHandlers<Context, Duplex>['domain']
type Reading = 'list' | 'get' | 'stats' | 'xml' | 'undefinePreview' | 'screenPassword'
type Stream = 'screen' | 'serial' | 'channel' | 'screenshot'

const readings = (connections: ConnectionSet): Pick<Room, Reading> => ({
  list: (input, { signal }) => listDomains(connections, input, signal),
  get: async ({ id }, { signal }) => {
    const { connection, key } = await connections.domain(id, signal)
    return connection.inspect.detail(key)
  },
  stats: ({ ids }, { signal }) => measure(connections, ids, signal),
  xml: async ({ id, inactive }, { signal }) => {
    const { connection, key } = await connections.domain(id, signal)
    return { xml: await connection.inspect.xml(key, { inactive }) }
  },
  undefinePreview: async ({ id }, { signal }) => {
    const { connection, key } = await connections.domain(id, signal)
    return connection.definition.undefinePreview(key)
  },
  screenPassword: async ({ id }, { signal }) => {
    const { connection, key } = await connections.domain(id, signal)
    return { password: await connection.console.screenPassword(key) }
  },
})

/** Drops what is kept about a machine outside of it, once it is deleted. */
export type Forget = (id: DomainId) => Promise<unknown>

const changes = (
  connections: ConnectionSet,
  tasks: TaskRegistry,
  kept: readonly Forget[],
): Omit<Room, Reading | Stream> => {
  const { begin, ...plain } = domainActions(connections, tasks)
  const simple =
    (name: keyof typeof plain) =>
    (input: { id: DomainId }, { signal }: Context) =>
      plain[name](input.id, signal)
  return {
    start: ({ id, paused }, { signal }) =>
      begin({ name: 'start', title: 'Start' }, id, signal, ({ connection, key }, operation) =>
        connection.lifecycle.start(key, { paused }, operation),
      ),
    shutdown: ({ id, ...options }, { signal }) =>
      begin({ name: 'shutdown', title: 'Shut down' }, id, signal, ({ connection, key }, operation) =>
        connection.lifecycle.shutdown(key, options, operation),
      ),
    destroy: simple('destroy'),
    reboot: simple('reboot'),
    reset: simple('reset'),
    suspend: simple('suspend'),
    resume: simple('resume'),
    save: simple('save'),
    discardSave: simple('discardSave'),
    undefine: ({ id, ...options }, { signal }) =>
      begin({ name: 'undefine', title: 'Delete' }, id, signal, async ({ connection, key }, operation) => {
        await connection.definition.undefine(key, options, operation)
        for (const forget of kept)
          await forget(id).catch((error: unknown) => log.warn('something is still kept about it', { id, error }))
      }),
    autostart: async ({ id, enabled }, { signal }) => {
      const { connection, key } = await connections.domain(id, signal)
      await connection.lifecycle.autostart(key, enabled)
      return {}
    },
    define: async ({ connection: uri, xml }, { signal }) => {
      const connection = connections.get(uri)
      await connections.settled(connection, signal)
      return { id: domainId(await connection.definition.define(xml), uri) }
    },
    openViewer: async ({ id }, { signal }) => {
      const { connection, key } = await connections.domain(id, signal)
      await connection.console.openViewer(key)
      return {}
    },
    switchToVnc: async ({ id, preview }, { signal }) => {
      const { connection, key } = await connections.domain(id, signal)
      return connection.definition.switchToVnc(key, { preview })
    },
  }
}

const streams = (connections: ConnectionSet): Pick<Room, Stream> => ({
  screen: async ({ id }, { signal }) => {
    const { connection, key } = await connections.domain(id, signal)
    return connection.console.screen(key)
  },
  serial: async ({ id, alias, takeOver }, { signal }) => {
    const { connection, key } = await connections.domain(id, signal)
    return connection.console.serial(key, { alias, takeOver })
  },
  channel: async ({ id, name, takeOver }, { signal }) => {
    const { connection, key } = await connections.domain(id, signal)
    return connection.console.channel(key, { name, takeOver })
  },
  screenshot: async ({ id }, { signal }) => {
    const { connection, key } = await connections.domain(id, signal)
    return Duplex.from(await connection.inspect.screenshot(key))
  },
})

export const domainHandlers = (connections: ConnectionSet, tasks: TaskRegistry, kept: readonly Forget[]): Room => ({
  ...readings(connections),
  ...changes(connections, tasks, kept),
  ...streams(connections),
})
