import { expect, test } from 'vitest'
import { giveAway, letGo } from './given-bytes.ts'

test('what was given away is freed at once, and once', () => {
  const bytes = giveAway(Uint8Array.of(1, 2, 3))
  letGo(bytes)
  expect([bytes.length, bytes.buffer.byteLength]).toEqual([0, 0])
  expect(() => letGo(bytes)).not.toThrow()
})

test('nobody frees what he does not own: not what is shared, and not through a part of it', () => {
  const shared = Uint8Array.of(1, 2, 3)
  letGo(shared)
  const owned = giveAway(Uint8Array.of(4, 5, 6))
  letGo(owned.subarray(1))
  letGo(owned.subarray())
  expect([[...shared], [...owned]]).toEqual([
    [1, 2, 3],
    [4, 5, 6],
  ])
})
