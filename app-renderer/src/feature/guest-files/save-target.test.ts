import { afterEach, expect, test, vi } from 'vitest'
import { chooseFile, chooseFolder } from './save-target.ts'

afterEach(() => vi.unstubAllGlobals())

/** A folder of the browser, with the sizes of its files. */
const choose = async (sizes: Map<string, number>) => {
  const handle = {
    getFileHandle: async (name: string) => {
      sizes.set(name, sizes.get(name) ?? 0)
      return { getFile: async () => ({ size: sizes.get(name) }) }
    },
    removeEntry: async (name: string) => void sizes.delete(name),
  }
  vi.stubGlobal('showDirectoryPicker', async () => handle)
  const folder = await chooseFolder()
  if (!folder) throw new Error('nothing was chosen')
  return folder
}

test('a file that was made for nothing is taken away, one with content is not', async () => {
  const sizes = new Map<string, number>()
  const folder = await choose(sizes)
  const [empty, full] = [await folder.file('empty'), await folder.file('full')]
  sizes.set('full', 3)
  await empty.discard()
  await full.discard()
  expect([...sizes.keys()]).toEqual(['full'])
})

test.each([
  ['empty', 0, true],
  ['with content', 3, false],
])('of a chosen file that nothing comes of only an %s one goes', async (_what, size, gone) => {
  const remove = vi.fn(async () => undefined)
  vi.stubGlobal('showSaveFilePicker', async () => ({ getFile: async () => ({ size }), remove }))
  const file = await chooseFile('a.log')
  await file?.discard()
  expect(remove.mock.calls.length === 1).toBe(gone)
})
