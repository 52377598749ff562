/** The application itself: who it is and what the person prefers. */
import { z } from 'zod'
import { call, event } from './define.ts'

export const Settings = z.object({
  theme: z.enum(['system', 'light', 'dark']),
  /** BCP 47 tag, or `system`. `en-XB` is the mirrored pseudo-locale. */
  locale: z.string().max(35),
  /** The one chord that takes the keyboard back from a console. */
  releaseChord: z.string().max(60),
  serialFontSize: z.number().int().min(8).max(32),
  screenScale: z.enum(['fit', 'actual']),
  /** Whether the guest's resolution follows the window. */
  screenResizeGuest: z.boolean(),
  /** Columns of the machine list that are not wanted; those that this Vireo does not know are kept. */
  hiddenColumns: z.array(z.string().max(40)).max(40),
})
export type Settings = z.infer<typeof Settings>

export const DEFAULT_SETTINGS: Settings = {
  theme: 'system',
  locale: 'system',
  releaseChord: 'Ctrl+Alt+Shift',
  serialFontSize: 13,
  screenScale: 'fit',
  screenResizeGuest: true,
  hiddenColumns: [],
}

export const app = {
  info: call({
    summary: 'Tells the version and what Vireo runs on.',
    effect: 'read',
    input: z.object({}),
    output: z.object({
      version: z.string(),
      surface: z.enum(['electron', 'browser', 'cli']),
      hostname: z.string(),
      /** Why this shell and not another, null when it is the first choice. */
      shellReason: z.string().nullable(),
    }),
  }),
  settings: call({ summary: 'Reads the preferences.', effect: 'read', input: z.object({}), output: Settings }),
  changeSettings: call({
    summary: 'Changes some preferences.',
    effect: 'change',
    input: Settings.partial(),
    output: Settings,
  }),
  settingsChanged: event(Settings),
} as const
