/** Which entries of a folder are chosen, and where the keyboard is; pure. */

export interface Selection {
  readonly cursor: string | null
  /** Where a range begins. */
  readonly anchor: string | null
  readonly names: ReadonlySet<string>
}

export const NOTHING: Selection = { cursor: null, anchor: null, names: new Set() }

/** One alone, as a click and an arrow key choose. */
export const only = (name: string): Selection => ({ cursor: name, anchor: name, names: new Set([name]) })

export const toggled = (selection: Selection, name: string): Selection => {
  const names = new Set(selection.names)
  if (!names.delete(name)) names.add(name)
  return { cursor: name, anchor: name, names }
}

/** Everything from the anchor to a name, and nothing else. */
export const rangeTo = ({ anchor }: Selection, order: readonly string[], name: string): Selection => {
  const [start, end] = [anchor === null ? -1 : order.indexOf(anchor), order.indexOf(name)]
  if (start < 0 || end < 0) return only(name)
  return { cursor: name, anchor, names: new Set(order.slice(Math.min(start, end), Math.max(start, end) + 1)) }
}

export const everything = (selection: Selection, order: readonly string[]): Selection => ({
  ...selection,
  names: new Set(order),
})

/** What is not there any more is not chosen. */
export const among = (selection: Selection, order: readonly string[]): Selection => {
  const there = new Set(order)
  const keep = (name: string | null): string | null => (name !== null && there.has(name) ? name : null)
  const names = [...selection.names].filter(name => there.has(name))
  if (names.length === selection.names.size && keep(selection.cursor) === selection.cursor) return selection
  return { cursor: keep(selection.cursor), anchor: keep(selection.anchor), names: new Set(names) }
}
