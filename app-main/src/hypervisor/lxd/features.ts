/** What a connection and its machines cannot do, and why. */
import type { DomainState, FeatureSheet } from '../../contract/index.ts'
import { isOn } from './states.ts'

export const NO_XML = 'LXD’s machines are made from images and have no libvirt XML.'
export const NO_SAVE = 'Saving the memory of LXD’s machines is not part of this version.'
export const NO_SCREEN =
  'LXD’s containers have no screen, and that of its virtual machines speaks SPICE, which is not part of this version.'
export const NO_CHANNEL = 'LXD’s machines have no channels: LXD itself runs commands in them.'
export const NO_PAUSED_START = 'LXD starts no machine paused.'

export const NO_NETWORKS = 'Networks of LXD are not part of this version: use its own “lxc network”.'

export const connectionFeatures = (): FeatureSheet => ({
  network: NO_NETWORKS,
  'managed-save': NO_SAVE,
  define: NO_XML,
  xml: NO_XML,
  screenshot: NO_SCREEN,
  screen: NO_SCREEN,
  channel: NO_CHANNEL,
})

const OFF = 'The machine is not running.'

export const domainFeatures = (state: DomainState): FeatureSheet => ({
  ...(isOn(state) ? {} : { suspend: OFF, stats: OFF, serial: OFF }),
  'guest-agent': NO_CHANNEL,
  ...connectionFeatures(),
})
