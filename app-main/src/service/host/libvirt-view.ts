/** What libvirt's system daemon says about itself, asked for looking only. */
import { existsSync } from 'node:fs'
import { withDeadline } from '../../base/deadline.ts'
import { NO_LIBVIRT, type LibvirtFacts, type PoolFacts } from '../../host/machine.ts'
import { Connection, ConnectionError, constants, LibvirtError } from '../../libvirt/index.ts'

const SOCKETS = ['/run/libvirt/virtqemud-sock-ro', '/run/libvirt/libvirt-sock-ro'] as const
const SYSTEM = 'qemu:///system'

const troubleOf = (error: unknown): Pick<LibvirtFacts, 'state' | 'message'> => {
  const message = error instanceof Error ? error.message : String(error)
  if (!(error instanceof ConnectionError)) return { state: 'silent', message }
  if (error.trouble === 'no-permission') return { state: 'denied', message }
  if (error.trouble === 'not-installed' || error.trouble === 'not-running')
    return { state: SOCKETS.some(path => existsSync(path)) ? 'refused' : 'absent', message }
  return { state: 'silent', message }
}

const network = async (connection: Connection): Promise<LibvirtFacts['defaultNetwork']> => {
  try {
    return (await connection.network.isActive(await connection.network.lookupByName('default'))) ? 'active' : 'inactive'
  } catch (error) {
    // Without its own driver for networks the daemon cannot tell.
    return error instanceof LibvirtError && error.code === constants.VIR_ERR_NO_NETWORK ? 'missing' : 'unknown'
  }
}

const pools = async (connection: Connection): Promise<readonly PoolFacts[]> => {
  const list = await connection.storagePool.listAll().catch(() => [])
  return Promise.all(
    list.map(async pool => {
      const info = await connection.storagePool.getInfo(pool).catch(() => undefined)
      const active = info?.state === constants.VIR_STORAGE_POOL_RUNNING
      return { name: pool.name, active, freeBytes: active ? info.available : null }
    }),
  )
}

const orNull = (asked: Promise<string>): Promise<string | null> => asked.catch(() => null)

const look = async (connection: Connection): Promise<LibvirtFacts> => {
  const [version, qemuVersion, defaultNetwork, found, domains] = await Promise.all([
    orNull(connection.node.getLibVersion()),
    orNull(connection.node.getVersion()),
    network(connection),
    pools(connection),
    connection.domain.listAll(constants.VIR_CONNECT_LIST_DOMAINS_ACTIVE).catch(() => []),
  ])
  return {
    ...{ state: 'open', message: null, version, qemuVersion, defaultNetwork, pools: found, fullAccess: null },
    running: domains.map(({ name }) => name),
  }
}

/** May this login change things without being asked for a password? */
const hasFullAccess = async (signal: AbortSignal): Promise<boolean> => {
  try {
    const connection = await Connection.open(SYSTEM, { interactive: false, signal, keepalive: null })
    await connection.close()
    return true
  } catch {
    return false
  }
}

/** Asks within `ms`; a daemon that takes longer is `silent`. Never rejects. */
export const askLibvirt = async (ms: number): Promise<LibvirtFacts> => {
  try {
    return await withDeadline({ ms, what: 'Asking libvirt' }, async signal => {
      const connection = await Connection.open(SYSTEM, {
        readOnly: true,
        interactive: false,
        signal,
        deadlineMs: ms,
        keepalive: null,
      })
      // Whoever waits for us has left when the deadline passes; the connection must not stay.
      const leave = () => void connection.close()
      signal.addEventListener('abort', leave)
      try {
        const [facts, fullAccess] = await Promise.all([look(connection), hasFullAccess(signal)])
        return { ...facts, fullAccess }
      } finally {
        signal.removeEventListener('abort', leave)
        await connection.close()
      }
    })
  } catch (error) {
    return { ...NO_LIBVIRT, ...troubleOf(error) }
  }
}
