/** Everything a person can ask for, composed. */
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { runtimeFolder } from '../base/runtime-folder.ts'
import { SshClient } from '../ssh/ssh-client.ts'
import { hostAlias } from '../ssh/target.ts'
import { DisposableStore, type Disposable } from '../base/disposable.ts'
import { createLog } from '../base/log.ts'
import {
  DEFAULT_SSH,
  type ConnectionUri,
  type DomainId,
  type VireoHandlers,
  type VireoPublish,
} from '../contract/index.ts'
import type { DriverRegistry } from '../hypervisor/registry.ts'
import { appHandlers, settingsFile } from './app/handlers.ts'
import { connectionListFile } from './connection/connection-list.ts'
import { ConnectionSet } from './connection/connection-set.ts'
import { checkedUri } from './connection/connection-uri.ts'
import { followList } from './connection/follow-list.ts'
import { connectionHandlers } from './connection/handlers.ts'
import type { Context } from './context.ts'
import { ForwardDesk } from './forward/forward-desk.ts'
import { forwardHandlers } from './forward/handlers.ts'
import { createRoom } from './create/create-room.ts'
import { Journal } from './create/journal.ts'
import { machineFiles } from './create/stale-copies.ts'
import { domainHandlers, type Forget } from './domain/handlers.ts'
import { VERSION } from './app/version.ts'
import { agentSetup, setupTarget } from './guest/agent-setup.ts'
import { execWays } from './guest/exec-methods.ts'
import { GuestSessions } from './guest/guest-sessions.ts'
import { guestHandlers } from './guest/handlers.ts'
import { discover, linkTo } from './guest/reach.ts'
import { Logins } from './guest/serial-exec/logins.ts'
import { agentFilesIn } from './guest/setup/agent-files.ts'
import { TelemetryHistory } from './guest/telemetry-history.ts'
import { telemetryNews } from './guest/telemetry-news.ts'
import { lxdHandlers } from './lxd/handlers.ts'
import { sshHandlers } from './ssh/handlers.ts'
import { SshFile } from './ssh/ssh-file.ts'
import { SshTargets } from './ssh/ssh-targets.ts'
import { sshWay } from './ssh/ssh-way.ts'
import { daemonNews } from './host/daemon-news.ts'
import { hostRoom } from './host/host-room.ts'
import { imageRoom } from './image/image-room.ts'
import { machineDisks } from './image/machine-disk.ts'
import { mediaRoom } from './media/media-room.ts'
import { networkHandlers } from './network/handlers.ts'
import { taskHandlers } from './task/handlers.ts'
import { TaskRegistry } from './task/task-registry.ts'

export interface ServiceOptions {
  readonly drivers: DriverRegistry
  readonly publish: VireoPublish
  /** Where settings.json and connections.json live. */
  readonly configFolder: string
  /** Where the machines' SSH host keys are kept. */
  readonly stateFolder: string
  /** Only these, instead of the configured ones and the drivers' suggestions. */
  readonly connections?: readonly string[] | undefined
  readonly shellReason: string | null
  /** Where the agent's program lies that is copied into guests. */
  readonly agentFolder?: string | undefined
  /** Whether this process stays, and so listens on the ports that lead into machines. */
  readonly forwards?: boolean | undefined
}

export interface Services extends Disposable {
  readonly handlers: VireoHandlers<Context, Duplex>
}

const log = createLog('service')

const sshClient = (stateFolder: string): SshClient =>
  new SshClient({ runtimeFolder: () => runtimeFolder(), keysFolder: join(stateFolder, 'known-hosts') })

/** Throws the typed failure of a URI in `connections` that cannot be served: somebody asked for exactly that one. */
export const createServices = async (options: ServiceOptions): Promise<Services> => {
  const { drivers, configFolder } = options
  // What leads into machines follows what is told of them.
  const publish: VireoPublish = (room, name, payload) => {
    options.publish(room, name, payload)
    if (room === 'domain' || room === 'connection') forwards?.news()
    if (room === 'connection') heard?.()
  }
  let heard: (() => void) | undefined
  let forwards: ForwardDesk | undefined
  const owned = new DisposableStore()
  const settings = settingsFile(join(configFolder, 'settings.json'))
  const file = connectionListFile(join(configFolder, 'connections.json'))
  const tasks = owned.add(new TaskRegistry(task => publish('task', 'changed', task)))
  const connections = owned.add(new ConnectionSet(drivers, publish))
  const sessions = owned.add(new GuestSessions({ connections, publish, discover, linkTo }))
  const history = owned.add(
    new TelemetryHistory({ use: (id, want, work) => sessions.use(id, want, work), news: telemetryNews(connections) }),
  )
  const logins = new Logins()
  const running = (id: DomainId, signal: AbortSignal) => sessions.running(id, signal)
  const client = sshClient(options.stateFolder)
  const sshFile = new SshFile(join(configFolder, 'ssh.json'))
  const targets = new SshTargets(sshFile, running)
  const ways = execWays(sessions, logins, sshWay(client, targets))
  const setup = agentSetup({
    ...{ tasks, files: agentFilesIn(options.agentFolder), version: VERSION },
    target: setupTarget({ running, linkTo, discover, ways }),
  })
  const { handlers: host, news } = hostRoom({ tasks, publish, owned })
  heard = daemonNews(() => connections.all, news)
  const journal = new Journal(join(options.stateFolder, 'creating'))
  const images = imageRoom({
    ...{ tasks, publish, owned, configFolder, agentFolder: options.agentFolder },
    machines: machineFiles(connections, journal),
    diskOf: machineDisks(connections),
  })
  const leading = owned.add(
    new ForwardDesk({
      ...{ connections, file: join(options.stateFolder, 'forwards.json'), serve: options.forwards ?? false },
      ...{ runtimeFolder: () => runtimeFolder(), changed: () => publish('forward', 'changed', {}) },
    }),
  )
  forwards = leading
  const defaults = await drivers.defaults()

  const asked = options.connections?.map(uri => checkedUri(uri as ConnectionUri))
  for (const uri of new Set(asked)) connections.add(uri)
  if (!asked) owned.add(await followList(connections, file, defaults).catch(unwatched('connections')))
  const follow = settings.watch(value => publish('app', 'settingsChanged', value))
  owned.add(await follow.catch(unwatched('settings')))
  await forwards.open()
  owned.add(await sshFile.watch(() => publish('ssh', 'changed', {})).catch(unwatched('ssh')))

  return {
    handlers: {
      app: appHandlers(settings, options.shellReason),
      connection: connectionHandlers({ connections, file, defaults }),
      create: createRoom({
        ...{ connections, tasks, publish, sessions, sshFile, journal },
        agentFiles: agentFilesIn(options.agentFolder),
        hostStatus: () => host.status({ partial: false }),
        ...{ images: images.resolve, hold: images.hold, ports: forwards },
      }),
      domain: domainHandlers(connections, tasks, keptOutside(client, sshFile, leading)),
      forward: forwardHandlers(forwards),
      guest: guestHandlers({ sessions, history, ways, logins, tasks, setup }),
      lxd: lxdHandlers(connections, tasks),
      ssh: sshHandlers({ client, targets, file: sshFile, find: (id, signal) => connections.domain(id, signal) }),
      host,
      image: images.handlers,
      media: mediaRoom(images.resolve, { connections, tasks, publish }),
      network: networkHandlers(connections, tasks),
      task: taskHandlers(tasks),
    },
    dispose: () => owned.dispose(),
  }
}

const keptOutside = (client: SshClient, sshFile: SshFile, forwards: ForwardDesk): Forget[] => [
  id => client.forgetKey(hostAlias(id)),
  id => sshFile.change(id, DEFAULT_SSH),
  id => forwards.forget(id),
]

const unwatched =
  (what: string) =>
  (error: unknown): Disposable => {
    log.warn('changes by other processes will go unnoticed', { what, error })
    return { dispose: () => undefined }
  }
