/** What machines in memory cannot do. */
import type { FeatureSheet } from '../../contract/index.ts'
import type { GuestChannel } from '../driver.ts'
import { agentReason } from '../guest-channel.ts'

export const NO_SCREEN = 'Machines in memory have no screen.'

export const NO_NETWORKS = 'Machines in memory have no networks.'

export const connectionFeatures = (): FeatureSheet => ({
  screen: NO_SCREEN,
  screenshot: NO_SCREEN,
  network: NO_NETWORKS,
})

const OFF = 'The machine is not running.'

export const domainFeatures = (running: boolean, channels: readonly GuestChannel[]): FeatureSheet => {
  const off = running ? null : OFF
  const reasons = {
    serial: off,
    channel: channels.length === 0 ? 'The machine has no channels.' : off,
    'guest-agent': agentReason(channels, off),
  }
  const own = Object.fromEntries(Object.entries(reasons).filter(([, reason]) => reason !== null))
  return { ...own, ...connectionFeatures() }
}
