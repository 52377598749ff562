/** Which columns the list has, and which of them fit. */
import type { SortKey } from '../../store/domain-view.ts'

export type ColumnKey = SortKey

export interface ColumnSpec {
  readonly key: ColumnKey
  /** Counts from 1 as aria-colindex does (1 is the mark). */
  readonly cell: number
}

/** In reading order. */
const KEYS: readonly ColumnKey[] = ['name', 'os', 'cpu', 'memory', 'disk', 'address', 'host']
export const COLUMNS: readonly ColumnSpec[] = KEYS.map((key, at) => ({ key, cell: at + 2 }))

/** A list without names is none. */
export const CHOOSABLE = KEYS.filter(key => key !== 'name')

/** What a narrow window does without, the first one first. */
const LEAST_IMPORTANT: readonly ColumnKey[] = ['host', 'disk', 'os', 'memory', 'cpu', 'address']

/** The columns that a person wants, without those for which there is no room. */
export const fittingColumns = (
  hidden: readonly string[],
  room: number,
  widthOf: (key: ColumnKey | 'mark') => number,
): readonly ColumnSpec[] => {
  const wanted = new Set(KEYS.filter(key => key === 'name' || !hidden.includes(key)))
  const width = (): number => [...wanted].reduce((sum, key) => sum + widthOf(key), widthOf('mark'))
  for (const key of LEAST_IMPORTANT) {
    if (width() <= room) break
    wanted.delete(key)
  }
  return COLUMNS.filter(({ key }) => wanted.has(key))
}

/** What becomes of the choice when one column is shown or hidden; columns of other versions stay as they are. */
export const toggled = (hidden: readonly string[], key: ColumnKey): string[] =>
  hidden.includes(key) ? hidden.filter(one => one !== key) : [...hidden, key]

export const allShown = (hidden: readonly string[]): string[] =>
  hidden.filter(one => !CHOOSABLE.some(key => key === one))
