import { hostname } from 'node:os'
import type { Duplex } from 'node:stream'
import { JsonFile } from '../../base/json-file.ts'
import { DEFAULT_SETTINGS, Settings, type VireoHandlers } from '../../contract/index.ts'
import type { Context } from '../context.ts'
import { VERSION } from './version.ts'

const without = (value: object): object =>
  Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined))

/** Settings that a newer or older Vireo wrote: what is known counts, the rest is at its default. */
const parseSettings = (raw: unknown): Settings => ({ ...DEFAULT_SETTINGS, ...without(Settings.partial().parse(raw)) })

export const settingsFile = (path: string): JsonFile<Settings> => new JsonFile(path, parseSettings, DEFAULT_SETTINGS)

export const appHandlers = (settings: JsonFile<Settings>, shellReason: string | null) =>
  ({
    info: async (_input, { principal }) => ({
      version: VERSION,
      surface: principal.surface,
      hostname: hostname(),
      shellReason,
    }),
    settings: () => settings.read(),
    changeSettings: change => settings.update(value => ({ ...value, ...without(change) })),
  }) satisfies VireoHandlers<Context, Duplex>['app']
