/** The drivers by the URIs they serve. */
import { RemoteError, type ConnectionUri } from '../contract/index.ts'
import type { Driver, HypervisorConnection } from './driver.ts'

/** libvirt drivers that run in the client, so that no daemon can be asked for them. */
const CLIENT_SIDE = ['esx', 'vpx', 'gsx', 'hyperv', 'vmwareplayer', 'vmwarews', 'vmwarefusion']

export class DriverRegistry {
  readonly #drivers: readonly Driver[]

  constructor(drivers: readonly Driver[]) {
    this.#drivers = drivers
  }

  /** Makes the connection object without opening it. Throws `connection` / `unsupported-driver`. */
  create(uri: ConnectionUri): HypervisorConnection {
    const driver = this.#drivers.find(candidate => candidate.accepts(uri))
    if (driver === undefined) throw unserved(uri)
    return driver.create(uri)
  }

  accepts(uri: string): boolean {
    return this.#drivers.some(driver => driver.accepts(uri))
  }

  /** URIs worth trying on this computer, best first, each once. */
  async defaults(): Promise<ConnectionUri[]> {
    const lists = await Promise.all(this.#drivers.map(driver => driver.defaults()))
    return [...new Set(lists.flat())]
  }
}

const unserved = (uri: string): RemoteError => {
  const scheme = /^([a-z][a-z0-9]*)(?:\+[a-z0-9]+)?:/i.exec(uri)?.[1]?.toLowerCase()
  const message =
    scheme !== undefined && CLIENT_SIDE.includes(scheme)
      ? `libvirt's ${scheme} driver runs inside the client and has no daemon that Vireo could ask.`
      : `No driver serves the address “${uri}”.`
  return new RemoteError({
    kind: 'connection',
    trouble: 'unsupported-driver',
    message,
    hint: 'Use an address such as qemu:///system or qemu:///session.',
  })
}
