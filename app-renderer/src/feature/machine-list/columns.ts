import type { SortKey } from '../../store/domain-view.ts'

/** Columns in reading order; `cell` counts from 1 as aria-colindex does (1 is the mark). */
export const COLUMNS: readonly { key: SortKey; cell: number }[] = [
  { key: 'name', cell: 2 },
  { key: 'os', cell: 3 },
  { key: 'cpu', cell: 4 },
  { key: 'memory', cell: 5 },
  { key: 'address', cell: 6 },
  { key: 'host', cell: 7 },
]
