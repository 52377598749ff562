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
import { openRead } from './read-stream.ts'
import type { TelemetryHistory } from './telemetry-history.ts'
import { openWrite } from './write-stream.ts'

export interface GuestRoom {
  readonly sessions: GuestSessions
  readonly history: TelemetryHistory
  readonly ways: ExecWays
  readonly tasks: TaskRegistry
  readonly setup: AgentSetup
}

export const guestHandlers = (room: GuestRoom) =>
  ({
    ...guestReadings(room.sessions, room.history),
    ...guestChanges(room.sessions, room.tasks),
    ...room.setup,
    exec: ({ id, spec, method }, { signal }) => openExec(room, id, { spec, method }, signal),
    readFile: ({ id, path, offset }, { signal }) => openRead(room.sessions, id, { path, offset }, signal),
    writeFile: ({ id, ...file }, { signal }) => openWrite(room.sessions, id, file, signal),
  }) satisfies VireoHandlers<Context, Duplex>['guest']
