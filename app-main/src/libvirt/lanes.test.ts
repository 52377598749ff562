import { describe, expect, it } from 'vitest'
import { Lanes } from './lanes.ts'

const lanes = () => new Lanes({ perLane: 1, late: 2 })

describe('Lanes', () => {
  it('lets one lane have its share and no more, and unnamed calls as many as they are', () => {
    const queue = lanes()
    for (const lane of ['a', '', '']) queue.enter(lane)
    expect([queue.mustWait('a'), queue.mustWait('b'), queue.mustWait('')]).toEqual([true, false, false])
    queue.leave('a', false)
    expect(queue.mustWait('a')).toBe(false)
  })

  it('keeps places for those who answer when many do not', () => {
    const queue = lanes()
    for (const lane of ['a', 'b', 'c']) {
      queue.enter(lane)
      queue.leave(lane, true)
    }
    queue.enter('a')
    queue.enter('b')
    expect([queue.mustWait('c'), queue.mustWait('healthy')]).toEqual([true, false])
    queue.leave('a', false)
    expect(queue.mustWait('c')).toBe(false)
  })
})
