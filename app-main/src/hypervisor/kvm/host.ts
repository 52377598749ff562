/** What the computer behind a connection is. */
import type { HostInfo } from '../../contract/index.ts'
import { isUnsupported, type Connection } from '../../libvirt/index.ts'
import { parseXml } from '../../libvirt/xml/document.ts'
import { find, textOf } from '../../libvirt/xml/query.ts'

export const readHost = async (daemon: Connection): Promise<HostInfo> => {
  const { node } = daemon
  const optional = <T>(call: Promise<T>) =>
    call.catch((error: unknown) => {
      if (!isUnsupported(error)) throw error
      return null
    })
  const [hostname, info, daemonVersion, hypervisorVersion, capabilities] = await Promise.all([
    node.getHostname(),
    optional(node.getInfo()),
    node.getLibVersion(),
    // QEMU's version is unknown where no QEMU is installed.
    node.getVersion().catch(() => null),
    optional(node.getCapabilities()),
  ])
  return {
    hostname,
    cpus: info?.cpus ?? 0,
    memoryBytes: (info?.memoryKiB ?? 0) * 1024,
    cpuModel: modelOf(capabilities) ?? info?.model ?? '',
    daemonVersion,
    hypervisorVersion,
  }
}

const modelOf = (capabilities: string | null): string | null =>
  capabilities === null ? null : textOf(find(parseXml(capabilities).root, 'host/cpu/model'))
