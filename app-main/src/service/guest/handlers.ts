/** The room `guest`: what can be asked of the inside of a machine. */
import type { Duplex } from 'node:stream'
import type { VireoHandlers } from '../../contract/index.ts'
import type { Context } from '../context.ts'
import type { TaskRegistry } from '../task/task-registry.ts'
import type { AgentSetup } from './agent-setup.ts'
import { guestChanges } from './changes.ts'
import type { ExecWays } from './exec-methods.ts'
import { openExec } from './exec-stream.ts'
import type { GuestSessions } from './guest-sessions.ts'
import { guestReadings } from './readings.ts'
import type { Logins } from './serial-exec/logins.ts'
import { openRead } from './read-stream.ts'
import type { TelemetryHistory } from './telemetry-history.ts'
import { openWrite } from './write-stream.ts'

export interface GuestRoom {
  readonly sessions: GuestSessions
  readonly history: TelemetryHistory
  readonly ways: ExecWays
  readonly logins: Logins
  readonly tasks: TaskRegistry
  readonly setup: AgentSetup
}

const guestLogins = (
  logins: Logins,
): Pick<VireoHandlers<Context, Duplex>['guest'], 'login' | 'setLogin' | 'forgetLogin'> => ({
  login: async ({ id }) => ({ user: logins.get(id)?.user ?? null }),
  setLogin: async ({ id, ...login }) => {
    logins.set(id, login)
    return {}
  },
  forgetLogin: async ({ id }) => {
    logins.forget(id)
    return {}
  },
})

export const guestHandlers = (room: GuestRoom) =>
  ({
    ...guestReadings(room.sessions, room.history),
    ...guestChanges(room.sessions, room.tasks),
    ...room.setup,
    ...guestLogins(room.logins),
    exec: ({ id, ...request }, { signal }) => openExec(room, id, request, signal),
    readFile: ({ id, path, offset }, { signal }) => openRead(room.sessions, id, { path, offset }, signal),
    writeFile: ({ id, ...file }, { signal }) => openWrite(room.sessions, id, file, signal),
  }) satisfies VireoHandlers<Context, Duplex>['guest']
