/** What machines in memory cannot do. */
import type { FeatureSheet } from '../../contract/index.ts'

export const NO_SCREEN = 'Machines in memory have no screen.'
export const NO_CHANNELS = 'Machines in memory have no channels.'

export const connectionFeatures = (): FeatureSheet => ({
  screen: NO_SCREEN,
  screenshot: NO_SCREEN,
  channel: NO_CHANNELS,
  'guest-agent': 'Machines in memory have no guest agent.',
})

export const domainFeatures = (running: boolean): FeatureSheet => ({
  ...connectionFeatures(),
  ...(running ? {} : { serial: 'The machine is not running.' }),
})
