import { type ReactNode, useMemo, useState } from 'react'
import { cx } from './cx.ts'
import s from './data-table.module.css'
import { Icon } from './icon.tsx'

export interface Column<Row> {
  readonly id: string
  readonly label: string
  readonly cell: (row: Row) => ReactNode
  /** What rows are sorted by; a column without it cannot sort. Null comes last either way. */
  readonly order?: (row: Row) => string | number | null
  /** Figures stand at the end of their column, the biggest first. */
  readonly figure?: boolean
  /** Takes what room is left, and is cut where there is none. */
  readonly wide?: boolean
  /** The column names the row for screen readers. */
  readonly heading?: boolean
  /** Given up where there is little room. */
  readonly spare?: boolean
  /** Hides the label from sight. */
  readonly bare?: boolean
}

interface DataTableProps<Row> {
  label: string
  columns: readonly Column<Row>[]
  rows: readonly Row[]
  rowKey: (row: Row) => string | number
  /** The column that sorts at first. */
  sortedBy: string
  /** Shown in place of rows when there are none. */
  empty: string
  /** Stands out from what is around it; what is long may be cut, so that actions stay in sight in a narrow window. */
  framed?: boolean
}

interface Sorting {
  readonly column: string
  readonly down: boolean
}

const compare = (a: string | number | null, b: string | number | null): number => {
  if (a === null || b === null) return a === b ? 0 : a === null ? Infinity : -Infinity
  return typeof a === 'number' && typeof b === 'number'
    ? a - b
    : String(a).localeCompare(String(b), undefined, { numeric: true })
}

/** Rows in their order; what has no value stays at the end whichever way. */
export const sorted = <Row,>(rows: readonly Row[], column: Column<Row> | undefined, down: boolean): readonly Row[] => {
  const order = column?.order
  if (!order) return rows
  return [...rows].sort((a, b) => {
    const difference = compare(order(a), order(b))
    return down && Number.isFinite(difference) ? -difference : difference
  })
}

/** A table of a few hundred rows at most, sorted by its heads. */
export const DataTable = <Row,>({ label, columns, rows, rowKey, sortedBy, empty, framed }: DataTableProps<Row>) => {
  const first = columns.find(column => column.id === sortedBy)
  const [sorting, setSorting] = useState<Sorting>({ column: sortedBy, down: first?.figure ?? false })
  const inOrder = useMemo(
    () =>
      sorted(
        rows,
        columns.find(column => column.id === sorting.column),
        sorting.down,
      ),
    [rows, columns, sorting],
  )
  const sortBy = (column: Column<Row>): void =>
    setSorting(before => ({
      column: column.id,
      down: before.column === column.id ? !before.down : (column.figure ?? false),
    }))
  return (
    <div className={cx(s.scroll, framed && s.framed)} tabIndex={0} role="region" aria-label={label}>
      <table className={cx(s.table)} aria-label={label}>
        <thead>
          <tr>
            {columns.map(column => (
              <Head key={column.id} column={column} sorting={sorting} onSort={() => sortBy(column)} />
            ))}
          </tr>
        </thead>
        <tbody>
          {inOrder.map(row => (
            <tr key={rowKey(row)}>
              {columns.map(column => (
                <Cell key={column.id} column={column}>
                  {column.cell(row)}
                </Cell>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length === 0 ? <p className={cx(s.empty)}>{empty}</p> : null}
    </div>
  )
}

const looks = <Row,>(column: Column<Row>): string =>
  cx(column.figure && s.figure, column.wide && s.wide, column.spare && s.spare)

const Cell = <Row,>({ column, children }: { column: Column<Row>; children: ReactNode }) =>
  column.heading ? (
    <th scope="row" className={looks(column)}>
      {children}
    </th>
  ) : (
    <td className={looks(column)}>{children}</td>
  )

interface HeadProps<Row> {
  column: Column<Row>
  sorting: Sorting
  onSort: () => void
}

const Head = <Row,>({ column, sorting, onSort }: HeadProps<Row>) => {
  const active = sorting.column === column.id
  const text = <span className={cx(column.bare && 'visually-hidden')}>{column.label}</span>
  if (!column.order)
    return (
      <th scope="col" className={looks(column)}>
        {text}
      </th>
    )
  return (
    <th scope="col" className={looks(column)} aria-sort={active ? (sorting.down ? 'descending' : 'ascending') : 'none'}>
      <button type="button" onClick={onSort}>
        {text}
        {active ? <Icon name={sorting.down ? 'down' : 'up'} size={12} /> : null}
      </button>
    </th>
  )
}
