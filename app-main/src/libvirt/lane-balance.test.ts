import { expect, it } from 'vitest'
import { LaneBalance } from './lane-balance.ts'

it('keeps a lane together and spreads lanes, also after calls failed', async () => {
  const balance = new LaneBalance(['one', 'two'])
  const ends: (() => void)[] = []
  const used: string[] = []
  const run = (lane: string) =>
    balance.run(lane, side => {
      used.push(`${lane}-${side}`)
      return new Promise<void>(resolve => ends.push(resolve))
    })
  const running = [run('a'), run('a'), run('b'), run('c')]
  expect(used).toEqual(['a-one', 'a-one', 'b-two', 'c-two'])
  for (const end of ends) end()
  await Promise.all(running)
  await expect(balance.run('d', async side => Promise.reject(new Error(side)))).rejects.toThrow('one')
  expect(await balance.run('e', async side => side)).toBe('one')
})
