import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeUploadStart, uploadStartReader, type UploadStart } from './upload-start.ts'

const read = (...parts: Uint8Array[]): (UploadStart | null)[] => {
  const told: (UploadStart | null)[] = []
  const take = uploadStartReader(start => told.push(start))
  for (const part of parts) take(part)
  return told
}

test('a start arrives as it was told, however it is cut', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.boolean(), fc.nat(50), (offset, resumable, cut) => {
      const bytes = encodeUploadStart({ offset, resumable })
      expect(read(bytes.subarray(0, cut), bytes.subarray(cut))).toEqual([{ offset, resumable }])
    }),
  )
})

test.each(['{}\n', 'null\n', '{"offset":-1,"resumable":true}\n', '{"offset":0.5,"resumable":true}\n', 'x'.repeat(300)])(
  '%j is no start, and is told once',
  text => {
    const bytes = new TextEncoder().encode(text)
    expect(read(bytes, bytes)).toEqual([null])
  },
)
