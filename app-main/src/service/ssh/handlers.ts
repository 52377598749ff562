/** The room `ssh`: how machines are reached, and terminals in them. */
import type { Duplex } from 'node:stream'
import { userInfo } from 'node:os'
import {
  RemoteError,
  type DomainId,
  type SshAccess,
  type SshSettings,
  type VireoHandlers,
} from '../../contract/index.ts'
import type { SshClient } from '../../ssh/ssh-client.ts'
import { hostAlias, type SshTarget } from '../../ssh/target.ts'
import type { Found } from '../connection/connection-set.ts'
import type { Context } from '../context.ts'
import type { SshFile } from './ssh-file.ts'
import { targetOf, type SshTargets } from './ssh-targets.ts'
import { openTerminal } from './terminal-stream.ts'

export interface SshRoom {
  readonly client: SshClient
  readonly targets: SshTargets
  readonly file: SshFile
  /** Any machine that there is. */
  readonly find: (id: DomainId, signal: AbortSignal) => Promise<Found>
}

const ownUser = (): string => {
  try {
    return userInfo().username
  } catch {
    // No entry in the user database, as in some containers.
    return ''
  }
}

const accessOf = async ({ client, targets, file, find }: SshRoom, id: DomainId, signal: AbortSignal) => {
  const found = await find(id, signal)
  const settings = await file.get(id)
  const place = await targets.place(found)
  const host = settings.host ?? place.address
  const connected = host !== null && (await client.isConnected(targetOf(id, settings, host)))
  const hostKeyKnown = await client.knowsKey(hostAlias(id))
  return { id, ...settings, ...place, ownUser: ownUser(), hostKeyKnown, connected } satisfies SshAccess
}

/** Where the machine is reached as things are set; null when that is not known. */
const targetNow = async (room: SshRoom, id: DomainId, signal: AbortSignal): Promise<SshTarget | null> => {
  const { host, address, ...settings } = await accessOf(room, id, signal)
  const to = host ?? address
  return to === null ? null : targetOf(id, { ...settings, host }, to)
}

const disconnect = async (room: SshRoom, id: DomainId, signal: AbortSignal): Promise<void> => {
  const target = await targetNow(room, id, signal)
  if (target) await room.client.disconnect(target)
}

/** Empty words stand for none. */
const changeOf = (given: {
  readonly host?: string | undefined
  readonly port?: number | undefined
  readonly user?: string | undefined
  readonly keyFile?: string | undefined
}): Partial<SshSettings> => ({
  ...(given.host === undefined ? {} : { host: given.host || null }),
  ...(given.port === undefined ? {} : { port: given.port }),
  ...(given.user === undefined ? {} : { user: given.user || null }),
  ...(given.keyFile === undefined ? {} : { keyFile: given.keyFile || null }),
})

/** Makes sure that it can be reached and is who it was; that it wants a password is for a person to answer. */
export const reach = async (client: SshClient, target: SshTarget, signal: AbortSignal): Promise<void> => {
  try {
    await client.connect(target, { signal })
  } catch (error) {
    if (!(error instanceof RemoteError) || error.detail.kind !== 'permission') throw error
  }
}

export const sshHandlers = (room: SshRoom) =>
  ({
    access: ({ id }, { signal }) => accessOf(room, id, signal),
    setAccess: async ({ id, ...given }, { signal }) => {
      await room.find(id, signal)
      // What was reached until now is another one from now on.
      await disconnect(room, id, signal)
      await room.file.change(id, changeOf(given))
      return accessOf(room, id, signal)
    },
    forgetHostKey: async ({ id }, { signal }) => {
      await disconnect(room, id, signal)
      await room.client.forgetKey(hostAlias(id))
      return accessOf(room, id, signal)
    },
    disconnect: async ({ id }, { signal }) => {
      await disconnect(room, id, signal)
      return accessOf(room, id, signal)
    },
    command: async ({ id }, { signal }) => {
      const target = await room.targets.of(id, signal)
      await reach(room.client, target, signal)
      return { argv: await room.client.terminalCommand(target) }
    },
    terminal: async ({ id, columns, rows }, { signal }) => {
      const target = await room.targets.of(id, signal)
      await reach(room.client, target, signal)
      return openTerminal(room.client, target, { columns, rows })
    },
  }) satisfies VireoHandlers<Context, Duplex>['ssh']
