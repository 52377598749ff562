import { expect, test } from 'vitest'
import { type Choice, planUpload, takenNames } from './upload-plan.ts'

const file = (name: string, ...folders: string[]) => ({ file: new File(['x'], name), folders })
const choice: Choice = {
  files: [file('a.txt'), file('b.txt'), file('x', 'dir', 'in')],
  folders: [['dir'], ['dir', 'in'], ['dir', 'empty']],
}
const there = new Map([
  ['a.txt', { type: 'file' as const }],
  ['a (2).txt', { type: 'file' as const }],
  ['dir', { type: 'directory' as const }],
])
const paths = (...args: Parameters<typeof planUpload>) =>
  planUpload(...args).map(({ folders, items }) => [...folders, ...items.map(({ path }) => path)])

test('what is taken is known by its outermost name', () => {
  expect(takenNames(choice, there)).toEqual(['dir', 'a.txt'])
  expect(takenNames(choice, new Map())).toEqual([])
})

test('each file and each folder is one transfer; empty folders come along', () => {
  expect(paths(choice, '/srv', new Map(), 'skip')).toEqual([
    ['/srv/dir', '/srv/dir/in', '/srv/dir/empty', '/srv/dir/in/x'],
    ['/srv/a.txt'],
    ['/srv/b.txt'],
  ])
})

test('taken names are replaced, left alone, or get a number', () => {
  expect(planUpload(choice, '/', there, 'replace').flatMap(({ items }) => items.map(one => one.overwrite))).toEqual([
    true,
    true,
    false,
  ])
  expect(paths(choice, '/', there, 'skip')).toEqual([['/b.txt']])
  const renamed = planUpload(choice, '/', there, 'rename')
  expect(renamed.map(({ name }) => name)).toEqual(['dir (2)', 'a (3).txt', 'b.txt'])
  expect(renamed[0]?.folders).toEqual(['/dir (2)', '/dir (2)/in', '/dir (2)/empty'])
})

test('a new name is never one that another of the same choice keeps', () => {
  const both: Choice = { files: [file('a.txt'), file('a (2).txt')], folders: [] }
  const known = new Set(['a.txt'])
  expect(paths(both, '/', known, 'rename')).toEqual([['/a (3).txt'], ['/a (2).txt']])
})
