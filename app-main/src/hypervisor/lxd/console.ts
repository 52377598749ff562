/** The console of an instance: bytes over a WebSocket. */
import type { Duplex } from 'node:stream'
import { RemoteError } from '../../contract/index.ts'
import { ByteLine, Descriptors, type LxdClient } from '../../lxd/index.ts'
import type { Consoles, DomainKey } from '../driver.ts'
import { requireState } from '../preconditions.ts'
import type { DaemonAccess } from './daemon-access.ts'
import { NO_CHANNEL, NO_SCREEN } from './features.ts'
import { CONSOLE } from './instance.ts'
import { typed } from './typed.ts'

/** LXD sends a console's bytes as they come, a few KiB a message. */
const MAX_MESSAGE = 1024 * 1024
/** What a terminal has until somebody says otherwise. */
const SIZE = { width: 80, height: 24 }

export const lxdConsole = (connection: DaemonAccess): Consoles => {
  const none = (key: DomainKey, message: string) =>
    typed(async () => {
      connection.instance(key)
      throw new RemoteError({ kind: 'unsupported', message })
    })
  return {
    screen: key => none(key, NO_SCREEN),
    screenPassword: async key => {
      connection.instance(key)
      return null
    },

    serial: (key, { alias, takeOver }) =>
      typed(async () => {
        const { name } = connection.instance(key)
        requireState(connection.summary(key), 'serial')
        if (alias !== undefined && alias !== CONSOLE)
          throw new RemoteError({ kind: 'not-found', message: `“${name}” has no console “${alias}”.` })
        const line = { uri: connection.uri, key, line: CONSOLE }
        return connection.lines.open(line, ({ force }) => openConsole(connection.client(), name, force), { takeOver })
      }),

    channel: key => none(key, NO_CHANNEL),
    openViewer: key => none(key, NO_SCREEN),
  }
}

const openConsole = async (client: LxdClient, name: string, force: boolean): Promise<Duplex> => {
  const body = { ...SIZE, type: 'console', ...(force ? { force } : {}) }
  const operation = await client.begin('POST', client.path(['instances', name, 'console']), body).catch(busy(name))
  const { success, data } = Descriptors.safeParse(operation?.metadata)
  const [bytes, control] = [data?.fds['0'], data?.fds['control']]
  if (operation === null || !success || bytes === undefined || control === undefined)
    throw new RemoteError({ kind: 'refused', message: `LXD gave no way to the console of “${name}”.` })
  const socket = (secret: string) =>
    client.socket(client.path(['operations', operation.id, 'websocket'], { secret }), MAX_MESSAGE)
  const line = await socket(bytes)
  try {
    // LXD begins when both are there, and ends the console when the second one goes.
    return new ByteLine(line, { beside: [await socket(control)] })
  } catch (error) {
    line.terminate()
    throw error
  }
}

const busy =
  (name: string) =>
  (error: unknown): never => {
    if (!(error instanceof RemoteError) || !/already (?:connected|in use)|is in use/i.test(error.detail.message))
      throw error
    throw new RemoteError(
      {
        kind: 'busy',
        message: `The console of “${name}” is in use by another program.`,
        holder: 'another program',
        hint: 'Close it there, or take it over.',
      },
      { cause: error },
    )
  }
