/** What the computer behind a connection is. */
import type { HostInfo } from '../../contract/index.ts'
import { Resources, type LxdLink } from '../../lxd/index.ts'

/** Reading the hardware takes a while on big machines. */
const LOOK_MS = 10_000

/** Who may not read the hardware is told of none: 0 processors and bytes. */
export const readHost = async ({ client, server }: LxdLink): Promise<HostInfo> => {
  const { environment } = server
  const resources = await client
    .get('/1.0/resources', Resources, { deadlineMs: LOOK_MS })
    .catch(() => ({ cpu: null, memory: null }) as const)
  return {
    hostname: environment?.server_name || 'localhost',
    cpus: resources.cpu?.total ?? 0,
    memoryBytes: resources.memory?.total ?? 0,
    cpuModel: resources.cpu?.sockets[0]?.name ?? '',
    daemonVersion: environment?.server_version ?? '',
    // Of several drivers, each with its own (`5.0.2 | 7.2.0`), the first.
    hypervisorVersion: /^\d+(?:\.\d+)*/.exec(environment?.driver_version ?? '')?.[0] ?? null,
  }
}
