/** Containers and virtual machines of LXD and Incus. */
import { existsSync } from 'node:fs'
import type { ConnectionUri } from '../../contract/index.ts'
import { isLxdUri, lxdTarget, usualSockets, type Product } from '../../lxd/index.ts'
import type { Driver } from '../driver.ts'
import { SharedLines } from '../share/shared-lines.ts'
import { LxdConnection } from './connection.ts'

const PRODUCTS: readonly Product[] = ['lxd', 'incus']

export class LxdDriver implements Driver {
  readonly kind = 'lxd'
  readonly #lines = new SharedLines()

  accepts(uri: string): boolean {
    return isLxdUri(uri)
  }

  /** Each daemon whose socket is there. */
  async defaults(): Promise<ConnectionUri[]> {
    const present = PRODUCTS.filter(product => usualSockets(product).some(path => existsSync(path)))
    return present.map(product => `${product}:///` as ConnectionUri)
  }

  /** Throws `connection` / `unsupported-driver` for an address that cannot be served. */
  create(uri: ConnectionUri): LxdConnection {
    return new LxdConnection(uri, lxdTarget(uri), this.#lines)
  }
}
