/** The parts of the create room. */
import { join } from 'node:path'
import { AGENT_FILES, type SeedFile } from '../../cloud-init/index.ts'
import { RemoteError, type HostStatus } from '../../contract/index.ts'
import type { ConnectionSet } from '../connection/connection-set.ts'
import type { LoadAgentFiles } from '../guest/setup/agent-files.ts'
import type { TaskRegistry } from '../task/task-registry.ts'
import { createHandlers } from './handlers.ts'
import type { PortDesk } from './lead-ports.ts'
import { Journal } from './journal.ts'
import { NO_HOLD, sourceFinder, type ImageHold, type ResolveSource } from './source.ts'

export interface CreateRoomOptions {
  readonly connections: ConnectionSet
  readonly tasks: TaskRegistry
  readonly stateFolder: string
  readonly agentFiles: LoadAgentFiles
  /** Of this computer, every probe done. */
  readonly hostStatus: () => Promise<HostStatus>
  /** Finds systems of the catalogue and images that are here; without it only files are found. */
  readonly images?: ResolveSource
  readonly hold?: ImageHold
  readonly ports: PortDesk
}

const filesOnly: ResolveSource = async words => {
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
  stateFolder,
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
      journal: new Journal(join(stateFolder, 'creating')),
      resolve: sourceFinder(images ?? filesOnly),
      hold,
      ports,
    },
    agentFiles: onSeed(agentFiles),
    probeKvm: async () => (await hostStatus()).hypervisors.kvm.boot_probe?.verdict ?? null,
  })
