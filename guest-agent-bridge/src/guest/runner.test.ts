import { expect, test } from 'vitest'
import { environment, Kept } from './runner.ts'

test('the first bytes of an output are kept, and more is marked', () => {
  const kept = new Kept(1000)
  for (let index = 0; index < 1000; index++) kept.add(Uint8Array.of(index % 256))
  expect(kept.truncated).toBe(false)
  kept.add(Uint8Array.of(1, 2))
  expect(kept.truncated).toBe(true)
  expect([...kept.bytes]).toEqual(Array.from({ length: 1000 }, (_, index) => index % 256))
})

test('a piece that goes over the limit is cut', () => {
  const kept = new Kept(3)
  kept.add(Uint8Array.of(1, 2))
  kept.add(Uint8Array.of(3, 4))
  expect([...kept.bytes]).toEqual([1, 2, 3])
  expect(kept.truncated).toBe(true)
})

test('a small environment of our own, with changes', () => {
  expect(environment({ LANG: null, A: 'b' })).toEqual({
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/',
    A: 'b',
  })
})
