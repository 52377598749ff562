import { expect, test } from 'vitest'
import { allShown, type ColumnKey, fittingColumns, toggled } from './columns.ts'

const WIDTHS = { mark: 24, name: 170, os: 118, cpu: 140, memory: 192, disk: 112, address: 172, host: 96 } as const
const shown = (room: number, hidden: readonly string[] = []): readonly ColumnKey[] =>
  fittingColumns(hidden, room, key => WIDTHS[key]).map(({ key }) => key)

test('columns go in order of importance as the window gets narrower; the name stays', () => {
  expect(shown(1024)).toEqual(['name', 'os', 'cpu', 'memory', 'disk', 'address', 'host'])
  expect(shown(1023)).toEqual(['name', 'os', 'cpu', 'memory', 'disk', 'address'])
  expect(shown(927)).toEqual(['name', 'os', 'cpu', 'memory', 'address'])
  expect(shown(815)).toEqual(['name', 'cpu', 'memory', 'address'])
  expect(shown(697)).toEqual(['name', 'cpu', 'address'])
  expect(shown(505)).toEqual(['name', 'address'])
  expect(shown(100)).toEqual(['name'])
})

test('what is not wanted leaves its room to the others', () => {
  expect(shown(815, ['memory'])).toEqual(['name', 'os', 'cpu', 'disk', 'address'])
  expect(shown(2000, ['name', 'cpu', 'a column of next year'])).toEqual([
    ...['name', 'os', 'memory', 'disk', 'address', 'host'],
  ])
})

test('a cell keeps its number whatever stands before it', () => {
  expect(fittingColumns(['os', 'cpu'], 2000, key => WIDTHS[key]).map(({ cell }) => cell)).toEqual([2, 5, 6, 7, 8])
})

test('choosing leaves alone what this version does not know', () => {
  expect(toggled(['future'], 'os')).toEqual(['future', 'os'])
  expect(toggled(['future', 'os'], 'os')).toEqual(['future'])
  expect(allShown(['future', 'os', 'disk'])).toEqual(['future'])
})
