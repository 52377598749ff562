import { expect, test } from 'vitest'
import { OutputWindow } from './output-window.ts'

test('waits when full, goes on when some was taken, and never owes the host', async () => {
  const window = new OutputWindow(100)
  window.take(100)
  let over = false
  const waiting = window.wait().then(() => {
    over = true
  })
  window.acknowledge(0)
  await Promise.resolve()
  expect(over).toBe(false)
  window.acknowledge(30)
  await waiting
  expect(window.room).toBe(30)
  window.acknowledge(1_000_000)
  expect(window.room).toBe(100)
})

test('nobody waits when nobody reads', async () => {
  const window = new OutputWindow(10)
  window.take(10)
  const both = Promise.all([window.wait(), window.wait()])
  window.open()
  await both
})
