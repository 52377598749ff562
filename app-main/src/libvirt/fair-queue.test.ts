import { expect, test } from 'vitest'
import { FairQueue } from './fair-queue.ts'

const drain = (queue: FairQueue<string>): string[] => {
  const all: string[] = []
  for (let item = queue.shift(); item !== undefined; item = queue.shift()) all.push(item)
  return all
}

test('lanes take turns, and each keeps its order', () => {
  const queue = new FairQueue<string>()
  for (const item of ['a1', 'a2', 'a3']) queue.push('a', item)
  queue.push('b', 'b1')
  queue.push('c', 'c1')
  expect(drain(queue)).toEqual(['a1', 'b1', 'c1', 'a2', 'a3'])
})

test('a lane that must wait keeps its place while others go on', () => {
  const queue = new FairQueue<string>()
  queue.push('a', 'a1')
  queue.push('b', 'b1')
  expect(queue.shift(lane => lane === 'a')).toBe('b1')
  expect(queue.shift(lane => lane === 'a')).toBeUndefined()
  expect(queue.shift()).toBe('a1')
})

test('what was removed does not come out, and removing it again is harmless', () => {
  const queue = new FairQueue<string>()
  queue.push('a', 'a1')
  queue.push('a', 'a2')
  queue.remove('a', 'a1')
  queue.remove('a', 'a1')
  queue.remove('nowhere', 'a2')
  expect(queue.length).toBe(1)
  expect(drain(queue)).toEqual(['a2'])
})

test('clear gives everything that was waiting', () => {
  const queue = new FairQueue<string>()
  queue.push('a', 'a1')
  queue.push('b', 'b1')
  expect(queue.clear()).toEqual(['a1', 'b1'])
  expect(queue.shift()).toBeUndefined()
  expect(queue.length).toBe(0)
})
