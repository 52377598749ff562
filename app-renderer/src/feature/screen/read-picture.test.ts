import { expect, test } from 'vitest'
import { MemoryStream } from '../console/memory-stream.ts'
import { readPicture } from './read-picture.ts'

const HEAD = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)

test('gathers the pieces of a picture', async () => {
  const stream = new MemoryStream()
  const picture = readPicture(stream)
  stream.push(HEAD.subarray(0, 3))
  stream.push(HEAD.subarray(3))
  stream.push(Uint8Array.of(1, 2))
  stream.fail(undefined)
  const blob = await picture
  expect(blob.type).toBe('image/png')
  expect(new Uint8Array(await blob.arrayBuffer())).toEqual(Uint8Array.of(...HEAD, 1, 2))
})

test('what is not a picture is refused', async () => {
  const stream = new MemoryStream()
  const picture = readPicture(stream)
  stream.push(new TextEncoder().encode('<svg onload=alert(1)>'))
  stream.fail(undefined)
  await expect(picture).rejects.toMatchObject({ detail: { kind: 'refused' } })
})

test('a failed stream gives its failure', async () => {
  const stream = new MemoryStream()
  const picture = readPicture(stream)
  stream.fail({ kind: 'precondition', message: 'off' })
  await expect(picture).rejects.toMatchObject({ detail: { kind: 'precondition' } })
})
