import { expect, test } from 'vitest'
import { ByteWriter } from './byte-writer.ts'
import { MemoryStream } from './memory-stream.ts'

const settled = () => new Promise(resolve => setTimeout(resolve))

test('writes arrive in order although the caller reuses its buffer', async () => {
  const stream = new MemoryStream()
  const writer = new ByteWriter(stream)
  const buffer = new Uint8Array(1)
  for (const value of [1, 2, 3]) {
    buffer[0] = value
    writer.write(buffer)
  }
  await settled()
  expect(stream.written.map(bytes => bytes[0])).toEqual([1, 2, 3])
  expect(writer.waiting).toBe(0)
})

test('a guest that takes nothing makes it refuse, not grow', () => {
  const stream = new MemoryStream()
  stream.write = () => new Promise(() => {})
  const writer = new ByteWriter(stream)
  const megabyte = new Uint8Array(1024 * 1024)
  expect(writer.write(megabyte)).toBe(true)
  expect(writer.write(new Uint8Array(1))).toBe(false)
  expect(writer.waiting).toBe(megabyte.byteLength)
})

test('after the stream has failed everything is refused', async () => {
  const stream = new MemoryStream()
  stream.fail(undefined)
  const writer = new ByteWriter(stream)
  writer.write(new Uint8Array(1))
  await settled()
  expect(writer.write(new Uint8Array(1))).toBe(false)
})
