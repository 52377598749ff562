/** What can be read of a machine's inside. */
import type { Duplex } from 'node:stream'
import type { DomainId, GuestFeature, VireoHandlers } from '../../contract/index.ts'
import type { Asking, GuestAgent } from '@vireo/guest-agent-bridge/host'
import type { Context } from '../context.ts'
import type { GuestSessions } from './guest-sessions.ts'
import type { TelemetryHistory } from './telemetry-history.ts'

type Room = VireoHandlers<Context, Duplex>['guest']
type Reading =
  | 'status'
  | 'info'
  | 'telemetry'
  | 'processes'
  | 'filesystems'
  | 'services'
  | 'disks'
  | 'cpus'
  | 'list'
  | 'stat'
  | 'sshKeys'

/** Facts of which one is worth showing without the others. */
const info = async (agent: GuestAgent, asking: Asking) => {
  const has = (feature: GuestFeature) => agent.features[feature] === undefined
  const [system, interfaces, filesystems, users] = await Promise.all([
    agent.system(asking),
    has('network') ? agent.interfaces(asking) : [],
    has('filesystems') ? agent.filesystems(asking) : [],
    has('users') ? agent.users(asking) : [],
  ])
  return { dialect: agent.dialect, system, interfaces, filesystems, users }
}

export const guestReadings = (sessions: GuestSessions, history: TelemetryHistory): Pick<Room, Reading> => {
  const ask =
    <I extends { readonly id: DomainId }, T>(
      feature: GuestFeature,
      work: (agent: GuestAgent, input: I, asking: Asking) => Promise<T>,
    ) =>
    (input: I, { signal }: Context): Promise<T> =>
      sessions.use(input.id, { feature, signal }, (agent, asking) => work(agent, input, asking))
  return {
    status: ({ id }, { signal }) => sessions.status(id, signal),
    info: ask('system', (agent, _input, asking) => info(agent, asking)),
    telemetry: async input => history.ask(input),
    processes: ask('processes', (agent, _input, asking) => agent.processes(asking)),
    filesystems: ask('filesystems', (agent, _input, asking) => agent.filesystems(asking)),
    services: ask('services', (agent, _input, asking) => agent.services(asking)),
    disks: ask('disks', (agent, _input, asking) => agent.disks(asking)),
    cpus: ask('vcpus', (agent, _input, asking) => agent.cpus(asking)),
    list: ask('directory', (agent, { path }: { id: DomainId; path: string }, asking) => agent.list(path, asking)),
    stat: ask('directory', (agent, { path }: { id: DomainId; path: string }, asking) => agent.stat(path, asking)),
    sshKeys: ask('ssh-keys', (agent, { user }: { id: DomainId; user: string }, asking) => agent.sshKeys(user, asking)),
  }
}
