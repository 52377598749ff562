/** The order in which a folder's entries are shown; pure. */
import type { GuestEntry } from '@vireo/app-main/contract'

export const COLUMNS = ['name', 'size', 'modified', 'owner', 'mode'] as const
export type ColumnId = (typeof COLUMNS)[number]

export interface Sorting {
  readonly column: ColumnId
  readonly down: boolean
}

const collator = new Intl.Collator(undefined, { numeric: true })

const value = (entry: GuestEntry, column: ColumnId): string | number | null => {
  switch (column) {
    case 'name':
      return entry.name
    case 'size':
      return entry.type === 'file' ? entry.sizeBytes : null
    case 'modified':
      return entry.modifiedAt
    case 'owner':
      return entry.owner
    case 'mode':
      return entry.mode
  }
}

const compare = (a: string | number | null, b: string | number | null): number => {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (a === null || b === null) return Number(a === null) - Number(b === null)
  return collator.compare(String(a), String(b))
}

/** Folders first, each group in order; names decide between equals. */
export const arrange = (
  entries: readonly GuestEntry[],
  { column, down }: Sorting,
  hidden: boolean,
): readonly GuestEntry[] => {
  const turn = down ? -1 : 1
  return entries
    .filter(({ name }) => hidden || !name.startsWith('.'))
    .toSorted(
      (a, b) =>
        Number(b.type === 'directory') - Number(a.type === 'directory') ||
        turn * compare(value(a, column), value(b, column)) ||
        collator.compare(a.name, b.name) ||
        (a.name < b.name ? -1 : 1),
    )
}

/** Figures and times are most interesting from the top down. */
export const nextSorting = (sorting: Sorting, column: ColumnId): Sorting =>
  sorting.column === column
    ? { column, down: !sorting.down }
    : { column, down: column === 'size' || column === 'modified' }

const TYPES: Readonly<Record<GuestEntry['type'], string>> = { file: '-', directory: 'd', link: 'l', other: '?' }

/** As `ls -l` writes it: `drwxr-xr-x`. */
export const modeText = ({ type, mode }: Pick<GuestEntry, 'type' | 'mode'>): string => {
  if (mode === null) return ''
  const bits = (shift: number, special: number, letter: string): string => {
    const set = (mode >> shift) & 7
    const last = mode & special ? (set & 1 ? letter : letter.toUpperCase()) : set & 1 ? 'x' : '-'
    return `${set & 4 ? 'r' : '-'}${set & 2 ? 'w' : '-'}${last}`
  }
  return `${TYPES[type]}${bits(6, 0o4000, 's')}${bits(3, 0o2000, 's')}${bits(0, 0o1000, 't')}`
}
