import { expect, test } from 'vitest'
import { SendQueue } from './send-queue.ts'

const limits = { outputBytes: 100, telemetryBytes: 50, pauseBytes: 200 }
const bytes = (length: number): Uint8Array => new Uint8Array(length)

test('messages go out whole and in order, however little is taken at a time', () => {
  const queue = new SendQueue(limits)
  queue.add(Uint8Array.of(1, 2, 3), 'answer')
  queue.add(Uint8Array.of(4, 5), 'answer')
  const out: number[] = []
  let room = 2
  const write = (part: Uint8Array): number => {
    const taken = Math.min(room, part.length)
    out.push(...part.subarray(0, taken))
    room -= taken
    return taken
  }
  queue.flush(write)
  expect(out).toEqual([1, 2])
  expect(queue.inMessage).toBe(true)
  expect(queue.bytes).toBe(3)
  room = 100
  queue.flush(write)
  expect(out).toEqual([1, 2, 3, 4, 5])
  expect(queue.bytes).toBe(0)
  expect(queue.inMessage).toBe(false)
})

test('telemetry gives way, answers never', () => {
  const queue = new SendQueue(limits)
  expect(queue.add(bytes(60), 'answer')).toBe(true)
  expect(queue.add(bytes(1), 'telemetry')).toBe(false)
  for (let index = 0; index < 10; index++) expect(queue.add(bytes(60), 'answer')).toBe(true)
  expect(queue.full).toBe(true)
})

test('output waits for room, and goes on when nobody is there any more', async () => {
  const queue = new SendQueue(limits)
  queue.add(bytes(150), 'output')
  const states: string[] = []
  const first = queue.room().then(() => states.push('first'))
  queue.flush(() => 20)
  await Promise.resolve()
  expect(states).toEqual([])
  queue.flush(part => part.length)
  await first
  queue.add(bytes(150), 'output')
  const second = queue.room().then(() => states.push('second'))
  queue.clear()
  await second
  expect(states).toEqual(['first', 'second'])
})
