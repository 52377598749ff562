/**
 * Machines that exist only in this process, for tests: `memory:///name?domains=10&readonly=1`. They behave as the seam
 * says, including what goes wrong.
 */
import type { ConnectionUri } from '../../contract/index.ts'
import type { Driver } from '../driver.ts'
import { MemoryConnection } from './connection.ts'
import { MemoryHost } from './machine.ts'

export class MemoryDriver implements Driver {
  readonly kind = 'test'
  readonly #hosts = new Map<string, MemoryHost>()

  accepts(uri: string): boolean {
    return uri.startsWith('memory:///')
  }

  defaults(): Promise<ConnectionUri[]> {
    return Promise.resolve([])
  }

  create(uri: ConnectionUri): MemoryConnection {
    return new MemoryConnection(uri, this.host(uri))
  }

  /** The pretended computer behind a URI, to play tricks on. */
  host(uri: string): MemoryHost {
    const known = this.#hosts.get(uri)
    if (known !== undefined) return known
    const host = new MemoryHost()
    const count = Number(new URL(uri).searchParams.get('domains') ?? 0)
    for (let at = 0; at < count; at++) host.add(`memory-${at}`)
    this.#hosts.set(uri, host)
    return host
  }
}
