import { fireEvent, render, screen } from '@testing-library/react'
import { expect, test } from 'vitest'
import { type Column, DataTable } from './data-table.tsx'

interface Row {
  readonly name: string
  readonly size: number | null
}

const columns: readonly Column<Row>[] = [
  { id: 'name', label: 'Name', cell: row => row.name, order: row => row.name, heading: true },
  { id: 'size', label: 'Size', cell: row => row.size ?? '—', order: row => row.size, figure: true },
]
const rows: readonly Row[] = [
  { name: 'b10', size: 5 },
  { name: 'b9', size: null },
  { name: 'a', size: 70 },
]

const names = () => screen.getAllByRole('rowheader').map(cell => cell.textContent)
const show = (all = rows) =>
  render(
    <DataTable label="Things" columns={columns} rows={all} rowKey={row => row.name} sortedBy="name" empty="None." />,
  )

test('heads sort, names as people count, figures from the biggest, what is unknown last', () => {
  show()
  expect(names()).toEqual(['a', 'b9', 'b10'])
  const size = screen.getByRole('button', { name: 'Size' })
  fireEvent.click(size)
  expect(names()).toEqual(['a', 'b10', 'b9'])
  expect(screen.getByRole('columnheader', { name: 'Size' }).getAttribute('aria-sort')).toBe('descending')
  fireEvent.click(size)
  expect(names()).toEqual(['b10', 'a', 'b9'])
})

test('an empty table says so', () => {
  show([])
  expect(screen.getByText('None.')).toBeTruthy()
})
