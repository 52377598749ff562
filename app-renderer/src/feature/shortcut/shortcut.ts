/** The window's keys, in one table. None of them fires while a console has the keyboard. */
import type { Stores } from '../../store/stores.ts'

export type ShortcutId = 'palette' | 'search' | 'help' | 'settings'

export interface Shortcut {
  readonly id: ShortcutId
  /** As shown. */
  readonly label: string
  readonly fits: (event: KeyLike) => boolean
  readonly run: (stores: Stores) => void
  /** Works inside text fields too. */
  readonly everywhere?: boolean
}

export interface KeyLike {
  readonly key: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
}

const chord = (key: string) => (event: KeyLike) =>
  (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === key
const plain = (key: string) => (event: KeyLike) =>
  event.key === key && !event.ctrlKey && !event.metaKey && !event.altKey

const focusSearch = (): void => document.querySelector<HTMLInputElement>('[data-shortcut-search] input')?.focus()

export const SHORTCUTS: readonly Shortcut[] = [
  {
    id: 'palette',
    label: 'Ctrl K',
    fits: chord('k'),
    everywhere: true,
    run: ({ ui }) => ui.state.setState(({ dialog }) => ({ dialog: dialog === 'palette' ? null : 'palette' })),
  },
  { id: 'search', label: '/', fits: plain('/'), run: focusSearch },
  { id: 'help', label: '?', fits: plain('?'), run: ({ ui }) => ui.state.setState({ dialog: 'shortcuts' }) },
  {
    id: 'settings',
    label: 'Ctrl ,',
    fits: chord(','),
    everywhere: true,
    run: ({ ui }) => ui.state.setState({ dialog: 'settings' }),
  },
]

interface Focus {
  /** A console that owns every key. */
  readonly inConsole: boolean
  readonly inText: boolean
  /** A modal dialog is open. */
  readonly inDialog: boolean
}

/** Which shortcut a key means here; undefined when it belongs to somebody else. */
export const shortcutFor = (event: KeyLike, focus: Focus): Shortcut | undefined => {
  if (focus.inConsole) return undefined
  const found = SHORTCUTS.find(shortcut => shortcut.fits(event))
  if (!found) return undefined
  if ((focus.inText || focus.inDialog) && !found.everywhere) return undefined
  // Dialogs do not pile up; the palette's own key closes it.
  return focus.inDialog && found.id !== 'palette' ? undefined : found
}

const focusOf = (stores: Stores): Focus => {
  const element = document.activeElement
  return {
    inConsole: element?.closest('[data-console-input]') != null,
    inText: element?.matches('input:not([type=checkbox]), textarea, [contenteditable]') ?? false,
    inDialog: document.querySelector('[role=alertdialog]') !== null || stores.ui.state.getState().dialog !== null,
  }
}

/** Listens on the window; gives the disposer. */
export const listenToShortcuts = (stores: Stores): (() => void) => {
  const onKey = (event: KeyboardEvent): void => {
    if (event.defaultPrevented) return
    const found = shortcutFor(event, focusOf(stores))
    if (!found || document.querySelector('[role=alertdialog]')) return
    event.preventDefault()
    found.run(stores)
  }
  window.addEventListener('keydown', onKey)
  return () => window.removeEventListener('keydown', onKey)
}
