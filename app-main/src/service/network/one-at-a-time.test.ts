import { expect, it } from 'vitest'
import { OneAtATime } from './one-at-a-time.ts'

it('lets work under one key wait for the work before it, failed or not, and under another not', async () => {
  const queue = new OneAtATime()
  const done: string[] = []
  const gate: { open: () => void } = { open: () => undefined }
  const first = queue.run('a', async () => {
    await new Promise<void>(resolve => (gate.open = resolve))
    done.push('first')
    throw new Error('failed')
  })
  const second = queue.run('a', async () => done.push('second'))
  await queue.run('b', async () => done.push('other'))
  expect(done).toEqual(['other'])
  gate.open()
  await expect(first).rejects.toThrow('failed')
  await second
  expect(done).toEqual(['other', 'first', 'second'])
})
