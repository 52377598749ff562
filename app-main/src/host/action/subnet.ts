/** Does a network's subnet collide with what the host already routes? */
import type { Machine } from '../machine.ts'

export interface Route {
  readonly device: string
  readonly address: number
  readonly mask: number
}

/** `/proc/net/route`: hexadecimal in the byte order of the machine. */
export const parseRoutes = (text: string): readonly Route[] =>
  text
    .split('\n')
    .slice(1)
    .flatMap(line => {
      const [device, destination, , , , , , mask] = line.trim().split(/\s+/)
      if (!device || !destination || !mask) return []
      return [{ device, address: swapped(destination), mask: swapped(mask) }]
    })

const swapped = (hex: string): number => Buffer.from(hex.padStart(8, '0'), 'hex').readUInt32LE()

const numberOf = (dotted: string): number | undefined => {
  const parts = dotted.split('.').map(Number)
  if (parts.length !== 4 || parts.some(part => !Number.isInteger(part) || part < 0 || part > 255)) return undefined
  return Buffer.from(parts).readUInt32BE()
}

/** The first route that shares addresses with the network of this XML; the network's own bridge does not count. */
export const overlapOf = async (
  { files }: Machine,
  xml: string,
): Promise<{ readonly subnet: string; readonly device: string } | null> => {
  const address = numberOf(/<ip[^>]*\saddress=['"]([\d.]+)['"]/.exec(xml)?.[1] ?? '')
  const mask = numberOf(/<ip[^>]*\snetmask=['"]([\d.]+)['"]/.exec(xml)?.[1] ?? '')
  const bridge = /<bridge[^>]*\sname=['"]([\w.-]+)['"]/.exec(xml)?.[1]
  if (address === undefined || mask === undefined) return null
  const routes = parseRoutes((await files.read('/proc/net/route')) ?? '')
  const found = routes.find(route => {
    // The default route leads everywhere and takes nothing.
    if (route.mask === 0 || route.device === bridge) return false
    const common = (route.mask & mask) >>> 0
    return (route.address & common) >>> 0 === (address & common) >>> 0
  })
  if (!found) return null
  const bits = mask.toString(2).replaceAll('0', '').length
  const start = Buffer.alloc(4)
  start.writeUInt32BE((address & mask) >>> 0)
  return { subnet: `${[...start].join('.')}/${bits}`, device: found.device }
}
