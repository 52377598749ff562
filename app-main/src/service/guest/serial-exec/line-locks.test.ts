import { expect, test } from 'vitest'
import { LineLocks } from './line-locks.ts'

const { signal } = new AbortController()

test('one after the other on a line, in order, and lines do not wait for each other', async () => {
  const locks = new LineLocks()
  const order: string[] = []
  const first = await locks.acquire('a', 'web', 1000, signal)
  const others = ['second', 'third'].map(async name => {
    const release = await locks.acquire('a', 'web', 1000, signal)
    order.push(name)
    release()
  })
  const other = await locks.acquire('b', 'db', 1000, signal)
  order.push('other line')
  other()
  first()
  await Promise.all(others)
  expect(order).toEqual(['other line', 'second', 'third'])
})

test('who waits too long or gives up is told so, and keeps nobody from the line', async () => {
  const locks = new LineLocks()
  const first = await locks.acquire('a', 'web', 1000, signal)
  await expect(locks.acquire('a', 'web', 10, signal)).rejects.toMatchObject({ detail: { kind: 'busy' } })
  const leaving = new AbortController()
  const left = locks.acquire('a', 'web', 1000, leaving.signal)
  leaving.abort(new Error('gone'))
  await expect(left).rejects.toThrow('gone')
  await expect(locks.acquire('a', 'web', 1000, AbortSignal.abort(new Error('before')))).rejects.toThrow('before')
  const next = locks.acquire('a', 'web', 1000, signal)
  first()
  ;(await next)()
  ;(await locks.acquire('a', 'web', 1000, signal))()
})
