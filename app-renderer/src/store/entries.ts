/** The contract as data: what can be done, in which state, after which question. */
import type { EntryDescription } from '@vireo/app-main/contract'
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { Bridge } from '../bridge/index.ts'
import { addEnglish } from '../i18n/i18n.ts'

export interface EntriesState {
  readonly entries: readonly EntryDescription[]
}

export interface EntriesStore {
  readonly state: StoreApi<EntriesState>
  load(): Promise<void>
}

/** Titles and questions are the contract's English, translated under `call` as `<room>.<name>` and `<room>.<name>.confirm`. */
const messagesOf = (entries: readonly EntryDescription[]): Record<string, string> => {
  const messages: Record<string, string> = {}
  for (const { room, name, title, confirm } of entries) {
    if (title) messages[`${room}.${name}`] = title
    if (confirm) messages[`${room}.${name}.confirm`] = confirm.replaceAll('{name}', '{{name}}')
  }
  return messages
}

export const createEntriesStore = (bridge: Bridge): EntriesStore => {
  const state = createStore<EntriesState>(() => ({ entries: [] }))
  return {
    state,
    async load() {
      if (state.getState().entries.length > 0) return
      try {
        const entries = await bridge.describe()
        addEnglish('call', messagesOf(entries))
        state.setState({ entries })
      } catch {
        // Asked again as soon as the bridge is back; until then there is nothing to offer.
      }
    },
  }
}
