import { expect, it, vi } from 'vitest'
import { SharedReadings } from './shared-readings.ts'

it('reads once for all who ask at about the same time, and anew afterwards', async () => {
  let now = 0
  const shared = new SharedReadings<number>(() => now)
  const read = vi.fn(async () => ++now)
  expect(await Promise.all([shared.get('a', read), shared.get('a', read)])).toEqual([1, 1])
  now += 900
  expect(await shared.get('a', read)).toBe(1)
  expect(await shared.get('b', read)).toBe(902)
  now += 1000
  expect(await shared.get('a', read)).toBe(1903)
  expect(read).toHaveBeenCalledTimes(3)
})

it('keeps no failure', async () => {
  const shared = new SharedReadings<string>()
  const read = vi.fn<() => Promise<string>>().mockRejectedValueOnce(new Error('no')).mockResolvedValue('yes')
  await expect(shared.get('a', read)).rejects.toThrow('no')
  expect(await shared.get('a', read)).toBe('yes')
})
