/** The parts of the create room. */
import { AGENT_FILES, type SeedFile } from '../../cloud-init/index.ts'
import { RemoteError, type HostStatus, type VireoPublish } from '../../contract/index.ts'
import type { ConnectionSet } from '../connection/connection-set.ts'
import type { LoadAgentFiles } from '../guest/setup/agent-files.ts'
import type { GuestSessions } from '../guest/guest-sessions.ts'
import type { SshFile } from '../ssh/ssh-file.ts'
import type { TaskRegistry } from '../task/task-registry.ts'
import { BootDesk } from './boot-desk.ts'
import { bootView } from './boot-view.ts'
import { createHandlers } from './handlers.ts'
import type { Journal } from './journal.ts'
import type { PortDesk } from './lead-ports.ts'
import { OsinfoDatabase } from './osinfo.ts'
import { NO_HOLD, sourceFinder, type ImageHold, type ResolveImage } from './source.ts'

export interface CreateRoomOptions {
  readonly connections: ConnectionSet
  readonly tasks: TaskRegistry
  readonly publish: VireoPublish
  readonly sessions: GuestSessions
  readonly sshFile: SshFile
  readonly journal: Journal
  readonly agentFiles: LoadAgentFiles
  /** Of this computer, every probe done. */
  readonly hostStatus: () => Promise<HostStatus>
  /** Finds systems of the catalogue and images that are here; without it only files are found. */
  readonly images?: ResolveImage
  readonly hold?: ImageHold
  readonly ports: PortDesk
}

const filesOnly: ResolveImage = async words => {
  const message = `“${words.slice(0, 80)}” is neither a file nor a system that Vireo knows.`
  throw new RemoteError({ kind: 'not-found', message, hint: 'Give the path of a disk image or an installation ISO.' })
}

const onSeed = (load: LoadAgentFiles) => async (): Promise<readonly SeedFile[]> => {
  const { binary, systemdUnit, openRcScript, config } = await load()
  return [
    { name: AGENT_FILES.binary, bytes: binary },
    { name: AGENT_FILES.systemdUnit, bytes: systemdUnit },
    { name: AGENT_FILES.openRcScript, bytes: openRcScript },
    { name: AGENT_FILES.config, bytes: config },
  ]
}

export const createRoom = ({
  connections,
  tasks,
  publish,
  sessions,
  sshFile,
  journal,
  agentFiles,
  hostStatus,
  images,
  hold = NO_HOLD,
  ports,
}: CreateRoomOptions) =>
  createHandlers({
    ...{
      connections,
      tasks,
      journal,
      resolve: sourceFinder(images ?? filesOnly, new OsinfoDatabase()),
      hold,
      ports,
    },
    agentFiles: onSeed(agentFiles),
    boots: new BootDesk({ tasks, publish, view: id => bootView(id, connections, sessions) }),
    noteAccess: (id, access) => sshFile.change(id, access),
    probeKvm: async () => (await hostStatus()).hypervisors.kvm.boot_probe?.verdict ?? null,
  })
