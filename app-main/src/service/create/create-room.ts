/** The parts of the create room. */
import { join } from 'node:path'
import { AGENT_FILES, type SeedFile } from '../../cloud-init/index.ts'
import type { HostStatus } from '../../contract/index.ts'
import type { ConnectionSet } from '../connection/connection-set.ts'
import type { LoadAgentFiles } from '../guest/setup/agent-files.ts'
import type { TaskRegistry } from '../task/task-registry.ts'
import { createHandlers } from './handlers.ts'
import { Journal } from './journal.ts'
import { localSource, type ResolveSource } from './source.ts'

export interface CreateRoomOptions {
  readonly connections: ConnectionSet
  readonly tasks: TaskRegistry
  readonly stateFolder: string
  readonly agentFiles: LoadAgentFiles
  /** Of this computer, every probe done. */
  readonly hostStatus: () => Promise<HostStatus>
  /** Finds what a person named; files of this computer unless told. */
  readonly resolve?: ResolveSource
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

export const createRoom = ({ connections, tasks, stateFolder, agentFiles, hostStatus, resolve }: CreateRoomOptions) =>
  createHandlers({
    ...{ connections, tasks, journal: new Journal(join(stateFolder, 'creating')), resolve: resolve ?? localSource },
    agentFiles: onSeed(agentFiles),
    probeKvm: async () => {
      const probe = (await hostStatus()).hypervisors.kvm.boot_probe
      return probe === null ? null : probe.verdict === 'works'
    },
  })
