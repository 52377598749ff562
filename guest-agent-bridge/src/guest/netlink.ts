/** The addresses of the network interfaces, as rtnetlink(7) tells them. */
import type { NetworkAddress } from './sys.ts'

const HEADER = 16
const NLMSG_ERROR = 2
const NLMSG_DONE = 3
const RTM_NEWADDR = 20
const RTM_GETADDR = 22
const REQUEST_DUMP = 0x1 | 0x300
const AF_INET = 2
const AF_INET6 = 10
const IFA_ADDRESS = 1
const IFA_LOCAL = 2

const align = (length: number): number => (length + 3) & ~3

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** `type`, and where the message's body begins and ends. */
const messages = function* (bytes: Uint8Array): Generator<{ type: number; from: number; to: number }> {
  const data = viewOf(bytes)
  for (let at = 0; at + HEADER <= bytes.length;) {
    const length = data.getUint32(at, true)
    if (length < HEADER || at + length > bytes.length) return
    yield { type: data.getUint16(at + 4, true), from: at + HEADER, to: at + length }
    at += align(length)
  }
}

/** Is this the last of a dump's parts? */
export const endsDump = (bytes: Uint8Array): boolean => {
  if (bytes.length === 0) return true
  return [...messages(bytes)].some(({ type }) => type === NLMSG_DONE || type === NLMSG_ERROR)
}

const request = (): Uint8Array => {
  const bytes = new Uint8Array(HEADER + 8)
  const data = viewOf(bytes)
  data.setUint32(0, bytes.length, true)
  data.setUint16(4, RTM_GETADDR, true)
  data.setUint16(6, REQUEST_DUMP, true)
  data.setUint32(8, 1, true)
  return bytes
}

/** The longest run of at least two zero groups becomes `::` (RFC 5952). */
export const formatIpv6 = (bytes: Uint8Array): string => {
  const groups = Array.from({ length: 8 }, (_, index) => ((bytes[2 * index] ?? 0) << 8) | (bytes[2 * index + 1] ?? 0))
  let best = { at: -1, length: 1 }
  for (let at = 0; at < 8; at++) {
    let length = 0
    while (at + length < 8 && groups[at + length] === 0) length++
    if (length > best.length) best = { at, length }
  }
  const hex = (from: number, to: number): string =>
    groups
      .slice(from, to)
      .map(group => group.toString(16))
      .join(':')
  return best.at < 0 ? hex(0, 8) : `${hex(0, best.at)}::${hex(best.at + best.length, 8)}`
}

const attributesOf = (bytes: Uint8Array, from: number, to: number): Map<number, Uint8Array> => {
  const data = viewOf(bytes)
  const found = new Map<number, Uint8Array>()
  for (let at = from; at + 4 <= to;) {
    const length = data.getUint16(at, true)
    if (length < 4 || at + length > to) break
    found.set(data.getUint16(at + 2, true), bytes.subarray(at + 4, at + length))
    at += align(length)
  }
  return found
}

const addressOf = (bytes: Uint8Array, from: number, to: number): NetworkAddress[] => {
  const data = viewOf(bytes)
  const family = data.getUint8(from)
  const attributes = attributesOf(bytes, from + 8, to)
  // On a point-to-point link ADDRESS is the other end.
  const address = attributes.get(IFA_LOCAL) ?? attributes.get(IFA_ADDRESS)
  const known = { interfaceIndex: data.getUint32(from + 4, true), prefix: data.getUint8(from + 1) }
  if (family === AF_INET && address?.length === 4) return [{ ...known, family: 4, address: address.join('.') }]
  if (family === AF_INET6 && address?.length === 16) return [{ ...known, family: 6, address: formatIpv6(address) }]
  return []
}

/** Asks through `ask`, which sends a message and gives all that came back. */
export const addressesFrom = (ask: (message: Uint8Array) => readonly Uint8Array[]): NetworkAddress[] =>
  ask(request()).flatMap(part =>
    [...messages(part)].flatMap(({ type, from, to }) =>
      type === RTM_NEWADDR && to - from >= 8 ? addressOf(part, from, to) : [],
    ),
  )
