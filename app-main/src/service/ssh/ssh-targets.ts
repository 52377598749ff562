/** Where a machine's SSH server is. */
import { networkInterfaces } from 'node:os'
import { RemoteError, type Address, type DomainId, type SshSettings } from '../../contract/index.ts'
import { hostAlias, type SshTarget } from '../../ssh/target.ts'
import type { Found } from '../connection/connection-set.ts'
import type { SshFile } from './ssh-file.ts'

export interface SshPlace {
  /** Where to go when no host is set. */
  readonly address: string | null
  /** What the guest alone says: it might name any computer, this one too. */
  readonly claimed: string | null
}

const ownAddresses = (): Set<string> =>
  new Set(
    Object.values(networkInterfaces())
      .flat()
      .map(one => one?.address.toLowerCase() ?? ''),
  )

const RANK: Readonly<Record<Address['source'], number>> = { lease: 0, arp: 1, agent: 2 }
/** Loopback, link-local (useless without its interface), multicast, unspecified. */
const NOT_A_MACHINE = /^(?:127\.|0\.|169\.254\.|22[4-9]\.|23\d\.|255\.|::1?$|fe[89ab][0-9a-f]:|ff|::ffff:)/i

/** Those that can be a machine's, the likeliest first. This computer's own are no machine's: a guest may claim one. */
export const possibleAddresses = (
  addresses: readonly Address[],
  own: ReadonlySet<string> = ownAddresses(),
): readonly Address[] =>
  addresses
    .filter(({ ip }) => /^[0-9A-Fa-f.:]{2,45}$/.test(ip) && !NOT_A_MACHINE.test(ip) && !own.has(ip.toLowerCase()))
    .toSorted((one, other) => rank(one) - rank(other))

/**
 * Of a machine's addresses the one to reach it on: IPv4 before IPv6, and only what this computer saw by itself. This computer's own
 * are no machine's: a guest that claims one would have our commands run here.
 */
export const placeOf = (addresses: readonly Address[], own: ReadonlySet<string> = ownAddresses()): SshPlace => {
  const possible = possibleAddresses(addresses, own)
  const seen = possible.find(({ source }) => source !== 'agent')
  return { address: seen?.ip ?? null, claimed: possible.find(({ source }) => source === 'agent')?.ip ?? null }
}

const rank = ({ ip, source }: Address): number => RANK[source] + (ip.includes(':') ? 10 : 0)

const unknown = (name: string, { claimed }: SshPlace): RemoteError => {
  const set = 'Set its host: vireo guest set-ssh-access NAME --host HOST, or in its Terminal tab.'
  return new RemoteError({
    kind: 'unsupported',
    message: `The address of “${name}” is not known.`,
    hint: claimed === null ? `If it still starts, wait. ${set}` : `The guest itself says ${claimed}. ${set}`,
  })
}

export class SshTargets {
  readonly #file: SshFile
  readonly #running: (id: DomainId, signal: AbortSignal) => Promise<Found>

  /** `running` rejects for machines that do not run or are for looking only. */
  constructor(file: SshFile, running: (id: DomainId, signal: AbortSignal) => Promise<Found>) {
    this.#file = file
    this.#running = running
  }

  /** Rejects with `precondition` when the machine does not run, and `unsupported` when its address is not known. */
  async of(id: DomainId, signal: AbortSignal): Promise<SshTarget> {
    const found = await this.#running(id, signal)
    const settings = await this.#file.get(id)
    if (settings.host !== null) return targetOf(id, settings, settings.host)
    const place = await this.place(found)
    if (place.address === null) throw unknown(found.summary.name, place)
    return targetOf(id, settings, place.address)
  }

  async place({ connection, key, summary }: Found): Promise<SshPlace> {
    // Asked anew: who has just come knows no addresses yet, and an old one may be another machine's by now.
    const asked = await connection.inspect.addresses(key).catch(() => null)
    return placeOf(asked ?? summary.addresses)
  }
}

export const targetOf = (id: DomainId, settings: SshSettings, host: string): SshTarget => ({
  ...{ alias: hostAlias(id), host, port: settings.port, user: settings.user, keyFile: settings.keyFile },
})
