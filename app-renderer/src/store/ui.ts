/** What the window shows: place, list view, selection, open dialogs. */
import type { ConnectionUri, DomainId } from '@vireo/app-main/contract'
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { Filter, Sort } from './domain-view.ts'
import { formatRoute, parseRoute, type Route, stepFrom } from './route.ts'

export type OpenDialog =
  'palette' | 'settings' | 'shortcuts' | 'add-connection' | 'launch' | 'lxd-stock' | 'create' | null

export interface UiState {
  readonly route: Route
  readonly filter: Filter
  readonly query: string
  /** Only machines of this product are shown; null for all. */
  readonly hypervisor: string | null
  readonly sort: Sort
  /** Where the keyboard is in the list, or was when the list was last seen. */
  readonly cursor: DomainId | null
  /** Machines marked for a bulk action. */
  readonly marked: ReadonlySet<DomainId>
  readonly dialog: OpenDialog
  /** The connection that the open dialog is about, where there may be several. */
  readonly about: ConnectionUri | null
  /** Pixels; null is the design's width. */
  readonly panelWidth: number | null
}

export interface UiStore {
  readonly state: StoreApi<UiState>
  /** Moves; what is left out stays as it is, but the room: without one it leads to the machines. */
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
    hypervisor: null,
    sort: { key: 'name', descending: false },
    cursor: null,
    marked: new Set<DomainId>(),
    dialog: null,
    about: null,
    panelWidth: readWidth(),
  }))
  state.subscribe(({ panelWidth }, before) => {
    if (panelWidth !== before.panelWidth && panelWidth !== null) localStorage.setItem(PLACE, String(panelWidth))
  })
  window.addEventListener('hashchange', () => state.setState({ route: parseRoute(location.hash) }))
  return {
    state,
    go(part) {
      const { route } = state.getState()
      const next = stepFrom(route, part)
      state.setState({ route: next })
      const hash = formatRoute(next)
      // Moving along the list is no history: Back leaves the wide view, the machine or the room.
      if (hash !== location.hash) {
        if (part.wide === undefined && next.room === route.room) history.replaceState(null, '', hash)
        else history.pushState(null, '', hash)
      }
    },
  }
}
