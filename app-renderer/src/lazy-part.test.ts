import { expect, test } from 'vitest'
import { fetchParts, part } from './lazy-part.ts'

test('every part is fetched, those that others name too, although one cannot be had', async () => {
  const fetched: string[] = []
  part(() => Promise.reject(new Error('the server is gone')))
  part(async () => {
    fetched.push('detail')
    part(async () => fetched.push('console'))
  })
  await fetchParts()
  expect(fetched).toEqual(['detail', 'console'])
})
