/** What the person prefers. */
import type { Settings, VireoClient } from '@vireo/app-main/contract'
import { createStore, type StoreApi } from 'zustand/vanilla'

export interface SettingsStore {
  readonly state: StoreApi<Settings>
  load(): Promise<void>
  /** Takes effect at once and is taken back when it cannot be kept; rejects with a RemoteError. */
  change(part: Partial<Settings>): Promise<void>
}

// The contract's schema stays out of the first bundle; these stand until the real ones arrive.
const FIRST: Settings = {
  theme: 'system',
  locale: 'system',
  releaseChord: 'Ctrl+Alt+Shift',
  serialFontSize: 13,
  screenScale: 'fit',
  screenResizeGuest: true,
  hiddenColumns: [],
}

const PLACE = 'vireo.settings'

/** The last known settings, so that a window opens in the right theme before anybody answered. */
const remembered = (storage: Storage): Partial<Settings> => {
  try {
    const value: unknown = JSON.parse(storage.getItem(PLACE) ?? '{}')
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}

export const createSettingsStore = (client: VireoClient, storage: Storage = localStorage): SettingsStore => {
  const state = createStore<Settings>(() => ({ ...FIRST, ...remembered(storage) }))
  state.subscribe(settings => storage.setItem(PLACE, JSON.stringify(settings)))
  client.app.settingsChanged(settings => state.setState(settings))
  return {
    state,
    async load() {
      try {
        state.setState(await client.app.settings({}))
      } catch {
        // The connection banner already says that nobody answers; the remembered settings go on.
      }
    },
    async change(part) {
      const before = state.getState()
      state.setState(part)
      try {
        state.setState(await client.app.changeSettings(part))
      } catch (thrown) {
        state.setState(before)
        throw thrown
      }
    },
  }
}
