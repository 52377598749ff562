import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Backlog } from './backlog.ts'

const LIMIT = 32

test('gives all of it, in order, until there is more than it keeps', () => {
  const backlog = new Backlog(LIMIT)
  expect(backlog.read()).toHaveLength(0)
  for (const part of ['one ', 'two ', '', 'three\nfour']) backlog.append(Buffer.from(part))
  expect(String(backlog.read())).toBe('one two three\nfour')
})

test('beyond that it begins at a line', () => {
  const backlog = new Backlog(LIMIT)
  for (let line = 0; line < 100; line++) backlog.append(Buffer.from(`line ${line}\n`))
  expect(String(backlog.read())).toBe('line 97\nline 98\nline 99\n')
})

test('however it is cut, the last bytes are those that were given last', () => {
  const part = fc.uint8Array({ min: 0x20, maxLength: 3 * LIMIT })
  fc.assert(
    fc.property(fc.array(part), parts => {
      const backlog = new Backlog(LIMIT)
      for (const bytes of parts) backlog.append(Buffer.from(bytes))
      const last = Buffer.concat(parts).subarray(-LIMIT)
      expect(backlog.read().toString('hex')).toBe(last.toString('hex'))
    }),
  )
})

test('what it was given may be overwritten afterwards', () => {
  const backlog = new Backlog(LIMIT)
  const bytes = Buffer.from('mine')
  backlog.append(bytes)
  bytes.fill('x')
  const read = backlog.read()
  backlog.append(Buffer.alloc(LIMIT, 'y'))
  expect(String(read)).toBe('mine')
})
