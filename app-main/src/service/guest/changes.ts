/** What can be changed inside a machine. */
import type { Duplex } from 'node:stream'
import { RemoteError, type DomainId, type GuestFeature, type VireoHandlers } from '../../contract/index.ts'
import type { Asking, CpuChange, GuestAgent } from '@vireo/guest-agent-bridge/host'
import type { Context } from '../context.ts'
import type { TaskRegistry } from '../task/task-registry.ts'
import type { GuestSessions } from './guest-sessions.ts'

type Room = VireoHandlers<Context, Duplex>['guest']
type Change =
  | 'kill'
  | 'controlService'
  | 'makeDirectory'
  | 'remove'
  | 'syncTime'
  | 'setPassword'
  | 'setSshKeys'
  | 'setCpus'
  | 'freeze'
  | 'thaw'
  | 'trim'
type In<N extends Change> = Parameters<Room[N]>[0]

export const guestChanges = (sessions: GuestSessions, tasks: TaskRegistry): Pick<Room, Change> => {
  const tokens = new Map<DomainId, string>()
  const act =
    <I extends { readonly id: DomainId }>(
      feature: GuestFeature,
      work: (agent: GuestAgent, input: I, asking: Asking) => Promise<void>,
    ) =>
    async (input: I, { signal }: Context) => {
      await sessions.use(input.id, { feature, signal }, (agent, asking) => work(agent, input, asking))
      return {}
    }
  return {
    kill: act('kill', (agent, { pid, signal }: In<'kill'>, asking) => agent.kill(pid, signal, asking)),
    controlService: act('service-control', (agent, { name, action }: In<'controlService'>, asking) =>
      agent.controlService(name, action, asking),
    ),
    makeDirectory: act('directory', (agent, { path, parents }: In<'makeDirectory'>, asking) =>
      agent.makeDirectory(path, { parents }, asking),
    ),
    remove: act('directory', (agent, { path, recursive }: In<'remove'>, asking) =>
      agent.remove(path, { recursive }, asking),
    ),
    syncTime: act('time', (agent, _input: In<'syncTime'>, asking) => agent.syncTime(asking)),
    setPassword: act('password', (agent, { user, password }: In<'setPassword'>, asking) =>
      agent.setPassword(user, password, asking).catch((error: unknown) => {
        throw withoutSecret(error, password)
      }),
    ),
    setSshKeys: act('ssh-keys', (agent, { user, keys }: In<'setSshKeys'>, asking) =>
      agent.setSshKeys(user, keys, asking),
    ),
    setCpus: act('vcpus', (agent, input: In<'setCpus'>, asking) => agent.setCpus(cpuChanges(input), asking)),
    freeze: ({ id, timeoutSeconds }, { signal }) =>
      sessions.use(id, { feature: 'freeze', signal }, async (agent, asking) => {
        const frozen = await agent.freeze({ timeoutSeconds }, asking)
        if (frozen.token !== null) tokens.set(id, frozen.token)
        return frozen
      }),
    thaw: ({ id, token }, { signal }) =>
      sessions.use(id, { feature: 'freeze', signal }, async (agent, asking) => {
        const count = await agent.thaw(token ?? tokens.get(id) ?? null, asking)
        tokens.delete(id)
        // A frozen agent may have said that it can do nothing else.
        sessions.refresh(id)
        return { count }
      }),
    trim: async ({ id }, { signal }) => {
      const { summary } = await sessions.running(id, signal)
      const title = 'Trim filesystems'
      const spec = { room: 'guest', name: 'trim', title, target: id, targetName: summary.name, overrides: false }
      return tasks.start(spec, operation =>
        sessions.use(id, { feature: 'trim', signal: operation.signal }, async (agent, asking) => {
          operation.progress('Trimming filesystems')
          const bytes = await agent.trim(asking)
          if (bytes !== null) operation.progress(`Gave back ${Math.round(bytes / 1024 ** 2)} MiB`, 1)
        }),
      )
    },
  }
}

/** Each processor at most once: what is asked for twice, or both ways, is a mistake. */
const cpuChanges = ({ online, offline }: Pick<In<'setCpus'>, 'online' | 'offline'>): CpuChange[] => {
  const all = [...online, ...offline]
  const invalid = (message: string) => new RemoteError({ kind: 'invalid-input', message })
  if (all.length === 0) throw invalid('No processor is named.')
  const twice = all.find((id, at) => all.indexOf(id) !== at)
  if (twice !== undefined) throw invalid(`Processor ${twice} is named twice.`)
  return [...online.map(id => ({ id, online: true })), ...offline.map(id => ({ id, online: false }))]
}

/** What the guest says about a failure may repeat what it was given. */
const withoutSecret = (error: unknown, secret: string): RemoteError => {
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof RemoteError && !JSON.stringify(error.detail).includes(JSON.stringify(secret).slice(1, -1))) {
    return error
  }
  const kind = error instanceof RemoteError ? error.detail.kind : 'internal'
  return new RemoteError({
    kind: kind === 'permission' || kind === 'timeout' ? kind : 'refused',
    message: message.replaceAll(secret, '[hidden]'),
  })
}
