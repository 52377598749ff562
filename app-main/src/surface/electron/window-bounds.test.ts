import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { boundsFile, DEFAULT_BOUNDS, MIN_HEIGHT, MIN_WIDTH, restoreBounds } from './window-bounds.ts'

const left = { x: 0, y: 0, width: 1920, height: 1040 }
const right = { x: 1920, y: 0, width: 2560, height: 1400 }
const saved = { x: 2000, y: 100, width: 1400, height: 900, maximized: true }

test('a window comes back where it was', () => {
  expect(restoreBounds(saved, [left, right])).toEqual(saved)
})

test('a window whose display is gone is placed by the system, at a size that fits', () => {
  expect(restoreBounds(saved, [left])).toEqual({ width: 1400, height: 900, maximized: true })
  expect(restoreBounds({ ...saved, width: 9000, height: 9000 }, [left])).toMatchObject({ width: 1920, height: 1040 })
})

test.each([
  ['above the display', { x: 100, y: -200 }],
  ['below it', { x: 100, y: 1030 }],
  ['with too little of its title bar left', { x: 1860, y: 10 }],
])('a window %s cannot be taken hold of, so its place is forgotten', (_where, place) => {
  expect(restoreBounds({ ...saved, ...place }, [left])).not.toHaveProperty('x')
})

test('a window is never smaller than it works at, even on a tiny display or none', () => {
  const tiny = { ...saved, x: 0, y: 0, width: 10, height: 10 }
  for (const displays of [[{ x: 0, y: 0, width: 400, height: 300 }], []])
    expect(restoreBounds(tiny, displays)).toMatchObject({ width: MIN_WIDTH, height: MIN_HEIGHT })
})

test('a damaged or foolish file gives the defaults', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vireo-bounds-'))
  const path = join(folder, 'window.json')
  expect(await boundsFile(path).read()).toEqual(DEFAULT_BOUNDS)
  await boundsFile(path).update(() => saved)
  expect(await boundsFile(path).read()).toEqual(saved)
  for (const text of ['{', '{"width":"wide"}', '{"width":1e9,"height":5,"maximized":false}']) {
    await writeFile(path, text)
    expect(await boundsFile(path).read()).toEqual(DEFAULT_BOUNDS)
  }
  await rm(folder, { recursive: true, maxRetries: 5 })
})
