/** Where the machine of a forward is now. */
import { existsSync } from 'node:fs'
import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import { withDeadline } from '../../base/deadline.ts'
import {
  RemoteError,
  splitDomainId,
  type Address,
  type DomainId,
  type DomainState,
  type ForwardRule,
} from '../../contract/index.ts'
import type { ConnectionSet, Found } from '../connection/connection-set.ts'
import { holds, parseSubnet, type Subnet } from '../network/subnet.ts'
import { possibleAddresses } from '../ssh/ssh-targets.ts'

/** Where connections may go, the likeliest first; or why they cannot. */
export type Whereabouts =
  | { readonly kind: 'at'; readonly ips: readonly string[] }
  | { readonly kind: 'off' | 'no-address' | 'gone' | 'unreachable'; readonly reason: string }

export interface Finder {
  /** Whether this process has the machine's connection. */
  knows(id: DomainId): boolean
  /** Changes whenever it is worth asking anew. */
  glance(id: DomainId): string
  /** Aborting ends the wait with whatever is known. */
  where(rule: ForwardRule, signal: AbortSignal): Promise<Whereabouts>
}

const ASK_MS = 8000
/** A paused machine keeps its connections: they go on when it does. */
const OFF: readonly DomainState[] = ['shutoff', 'saved', 'crashed']

/** Of this computer's bridges: a machine on one could have any address there anyway, so its word on it does no harm. */
const bridgeSubnets = (): readonly Subnet[] =>
  Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    existsSync(`/sys/class/net/${name}/bridge`)
      ? (addresses ?? []).flatMap(({ cidr }) => (cidr === null ? [] : (parseSubnet(cidr) ?? [])))
      : [],
  )

/** What this computer saw by itself, then what the guest says and can be true. */
export const reachable = (
  addresses: readonly Address[],
  bridges: readonly Subnet[] = bridgeSubnets(),
  own?: ReadonlySet<string>,
): readonly string[] => {
  const possible = possibleAddresses(addresses, own).filter(({ ip }) => isIP(ip) !== 0)
  const seen = possible.filter(({ source }) => source !== 'agent')
  const said = possible.filter(({ ip, source }) => source === 'agent' && bridges.some(subnet => holds(subnet, ip)))
  return [...new Set([...seen, ...said].map(({ ip }) => ip))]
}

/** An address that a person vouches for. */
const seen = (ip: string): Address => ({ ip, prefix: null, mac: null, source: 'lease' })

const addressesOf = async ({ connection, key, summary }: Found, signal: AbortSignal): Promise<readonly Address[]> => {
  const deadline = { ms: ASK_MS, what: `Asking for the addresses of “${summary.name}”`, signal }
  const asked = await withDeadline(deadline, () => connection.inspect.addresses(key)).catch(() => null)
  return asked ?? summary.addresses
}

const found = async (connections: ConnectionSet, id: DomainId, signal: AbortSignal): Promise<Found | Whereabouts> => {
  try {
    return await connections.domain(id, signal)
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error
    const { kind, message } = error.detail
    const gone = kind === 'not-found' && connections.has(splitDomainId(id).uri)
    return { kind: gone ? 'gone' : 'unreachable', reason: message }
  }
}

export const finder = (connections: ConnectionSet): Finder => ({
  knows: id => connections.has(splitDomainId(id).uri),
  glance: id => {
    const { uri, key } = splitDomainId(id)
    if (!connections.has(uri)) return 'none'
    const { status, domains } = connections.get(uri)
    const summary = domains.get(key)
    return JSON.stringify([status.state, summary?.state, summary?.addresses])
  },
  where: async ({ domain, guestAddress }, signal) => {
    const one = await found(connections, domain, signal)
    if ('kind' in one) return one
    const { connection, summary } = one
    const { name, state } = summary
    if (connection.status.state !== 'ready')
      return { kind: 'unreachable', reason: `${connection.uri} is ${connection.status.state}.` }
    if (OFF.includes(state)) return { kind: 'off', reason: `“${name}” does not run: connections are refused.` }
    // Checked again: by hand anything may have been written, and one that leads back here would call itself.
    const said: Address[] | null = guestAddress === null ? null : [seen(guestAddress)]
    const addresses = said ?? (await addressesOf(one, signal))
    const ips = reachable(addresses)
    if (ips.length > 0) return { kind: 'at', ips }
    const claimed = addresses.find(({ source }) => source === 'agent')
    const guess = claimed ? `only the guest itself says ${claimed.ip}` : 'it may still start'
    return { kind: 'no-address', reason: `The address of “${name}” is not known; ${guess}.` }
  },
})

/** Throws `invalid-input` for an address that no machine can have, such as this computer's own. */
export const checkGuestAddress = (ip: string): void => {
  if (possibleAddresses([seen(ip)]).length > 0) return
  throw new RemoteError({
    kind: 'invalid-input',
    message: `${ip} is this computer's own, or no address of a single machine.`,
    hint: "Give the machine's own address, or none.",
  })
}
