/** Bridges and interfaces that a new network is to have or to lead to. */
import type { HostInterface, NetworkPlan, NewNetwork } from '../../contract/index.ts'
import type { Report, Surroundings } from './new-network.ts'

type Links = Pick<NetworkPlan, 'bridge' | 'device'>
type Known = Omit<HostInterface, 'network'>

/**
 * What Linux takes as an interface's name and no shell, path or `%d` template takes for anything else. Those that exist
 * already may have others.
 */
const LINK_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/
/** Names that stand for something else in the kernel's settings. */
const KEPT = new Set(['lo', 'all', 'default'])

export const isLinkName = (name: string): boolean => LINK_NAME.test(name) && !KEPT.has(name)

export const checkLinks = (wanted: NewNetwork, around: Surroundings, report: Report): Links => {
  const { kind, bridge, device } = wanted
  if (kind === 'bridge') {
    if (device !== null) report('device', 'device.unused')
    checkHostBridge(bridge, around, report)
    return { bridge, device: null }
  }
  if (kind === 'macvtap') {
    if (bridge !== null) report('bridge', 'bridge.unused')
    checkTapped(device, around, report)
    return { bridge: null, device }
  }
  checkNewBridge(bridge, around, report)
  if (device === null) return { bridge, device }
  if (kind === 'isolated') report('device', 'device.unused')
  else
    lookUp(
      device,
      around,
      () => report('device', 'device.invalid'),
      () => report('device', 'device.unknown', { device }),
    )
  return { bridge, device }
}

/** The interface of that name; null where there is none, which is told, or where nobody knows. */
const lookUp = (name: string, { host }: Surroundings, invalid: () => void, unknown: () => void): Known | null => {
  const found = host?.interfaces.find(one => one.name === name)
  if (found !== undefined) return found
  if (!isLinkName(name)) invalid()
  else if (host !== null) unknown()
  return null
}

/** The network whose own bridge that is; one that only leads to a bridge of the host does not own it. */
const ownerOf = ({ networks }: Surroundings, bridge: string): string | undefined =>
  networks.find(one => one.bridge === bridge && one.kind !== 'bridge')?.name

const checkHostBridge = (bridge: string | null, around: Surroundings, report: Report): void => {
  if (bridge === null) return report('bridge', 'bridge.missing')
  const network = ownerOf(around, bridge)
  if (network !== undefined) return report('bridge', 'bridge.network', { bridge, network })
  const found = lookUp(
    bridge,
    around,
    () => report('bridge', 'bridge.invalid'),
    () => report('bridge', 'bridge.unknown', { bridge }),
  )
  if (found !== null && !found.bridge) report('bridge', 'bridge.not-bridge', { bridge })
}

const checkTapped = (device: string | null, around: Surroundings, report: Report): void => {
  if (device === null) return report('device', 'device.missing')
  const found = lookUp(
    device,
    around,
    () => report('device', 'device.invalid'),
    () => report('device', 'device.unknown', { device }),
  )
  if (found?.bridge) report('device', 'device.bridge', { device })
  else if (found?.wireless) report('device', 'device.wireless', { device })
}

const checkNewBridge = (bridge: string | null, around: Surroundings, report: Report): void => {
  if (bridge === null) return
  if (!isLinkName(bridge)) return report('bridge', 'bridge.invalid')
  const exists = around.host?.interfaces.some(one => one.name === bridge) === true
  if (exists || around.networks.some(one => one.bridge === bridge)) report('bridge', 'bridge.taken', { bridge })
}
