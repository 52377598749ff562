/** What a key does in the grid; pure. */

export interface GridKey {
  readonly key: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly shiftKey: boolean
  readonly altKey: boolean
}

export type GridCommand =
  | { readonly do: 'move'; readonly to: number; readonly extend: boolean }
  | { readonly do: 'open' | 'toggle' | 'mark-all' | 'escape' | 'menu' }
  | { readonly do: 'type'; readonly letter: string }

const moved = (key: string, at: number, count: number, page: number): number | null => {
  const targets: Readonly<Record<string, number>> = {
    ArrowDown: at + 1,
    ArrowUp: at < 0 ? 0 : at - 1,
    Home: 0,
    End: count - 1,
    PageDown: Math.max(0, at) + page,
    PageUp: at - page,
  }
  const target = targets[key]
  return target === undefined ? null : Math.min(count - 1, Math.max(0, target))
}

const plainCommand = (event: GridKey): GridCommand | null => {
  switch (event.key) {
    case 'Enter':
      return { do: 'open' }
    case ' ':
      return { do: 'toggle' }
    case 'Escape':
      return { do: 'escape' }
    case 'ContextMenu':
      return { do: 'menu' }
    case 'F10':
      return event.shiftKey ? { do: 'menu' } : null
    default:
      // `/` and `?` belong to the window; every other character finds a name.
      return event.key.length === 1 && !'/?'.includes(event.key) ? { do: 'type', letter: event.key } : null
  }
}

/** `at` is the row of the cursor (-1: none), `page` the rows that fit. Null: not ours. */
export const gridCommand = (event: GridKey, at: number, count: number, page: number): GridCommand | null => {
  if (event.altKey) return null
  if (event.ctrlKey || event.metaKey) return event.key.toLowerCase() === 'a' ? { do: 'mark-all' } : null
  const to = count === 0 ? null : moved(event.key, at, count, page)
  return to === null ? plainCommand(event) : { do: 'move', to, extend: event.shiftKey }
}

/** The next name that begins with what was typed, searching round from `at`; -1 when none does. */
export const findTyped = (names: readonly string[], typed: string, at: number): number => {
  const prefix = typed.toLowerCase()
  // A second letter refines the find, so the current row may stay; a first one moves on.
  const first = typed.length > 1 ? Math.max(0, at) : at + 1
  for (let step = 0; step < names.length; step++) {
    const row = (first + step) % names.length
    if (names[row]?.toLowerCase().startsWith(prefix)) return row
  }
  return -1
}
