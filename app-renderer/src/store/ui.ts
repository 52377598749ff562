/** What the window shows: place, list view, selection, open dialogs. */
import type { DomainId } from '@vireo/app-main/contract'
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { Filter, Sort } from './domain-view.ts'
import { formatRoute, HOME, parseRoute, type Route } from './route.ts'

export type OpenDialog = 'palette' | 'settings' | 'shortcuts' | 'add-connection' | null

export interface UiState {
  readonly route: Route
  readonly filter: Filter
  readonly query: string
  readonly sort: Sort
  /** Where the keyboard is in the list, or was when the list was last seen. */
  readonly cursor: DomainId | null
  /** Machines marked for a bulk action. */
  readonly marked: ReadonlySet<DomainId>
  readonly dialog: OpenDialog
  /** Pixels; null is the design's width. */
  readonly panelWidth: number | null
}

export interface UiStore {
  readonly state: StoreApi<UiState>
  /** Moves; what is left out stays as it is. */
  go(part: Partial<Route>): void
}

const PLACE = 'vireo.panel-width'

const readWidth = (): number | null => {
  const width = Number(localStorage.getItem(PLACE))
  return Number.isFinite(width) && width > 0 ? width : null
}

export const createUiStore = (): UiStore => {
  const state = createStore<UiState>(() => ({
    route: parseRoute(location.hash),
    filter: 'all',
    query: '',
    sort: { key: 'name', descending: false },
    cursor: null,
    marked: new Set<DomainId>(),
    dialog: null,
    panelWidth: readWidth(),
  }))
  state.subscribe(({ panelWidth }, before) => {
    if (panelWidth !== before.panelWidth && panelWidth !== null) localStorage.setItem(PLACE, String(panelWidth))
  })
  window.addEventListener('hashchange', () => state.setState({ route: parseRoute(location.hash) }))
  return {
    state,
    go(part) {
      const route = { ...state.getState().route, ...part }
      const next = route.machine === null ? HOME : route
      state.setState({ route: next })
      const hash = formatRoute(next)
      // Moving along the list is no history: Back leaves the wide view or the machine.
      if (hash !== location.hash) {
        if (part.wide === undefined) history.replaceState(null, '', hash)
        else history.pushState(null, '', hash)
      }
    },
  }
}
