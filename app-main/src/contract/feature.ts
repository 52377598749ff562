/** Feature sheets: what a thing can do and, for what it cannot, why. Screens read the sheet instead of calling and failing. */
import { z } from 'zod'

export const Feature = z.enum([
  'lifecycle',
  'suspend',
  'managed-save',
  'autostart',
  'define',
  'xml',
  'stats',
  'screenshot',
  'screen',
  'serial',
  'channel',
  'guest-agent',
  'network',
])
export type Feature = z.infer<typeof Feature>

/** An absent feature is available; a string is the reason why it is not. */
export const FeatureSheet = z.partialRecord(Feature, z.string())
export type FeatureSheet = z.infer<typeof FeatureSheet>
