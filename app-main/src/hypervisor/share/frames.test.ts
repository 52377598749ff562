import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeError, encodeError, encodeFrame, FRAME, FrameDecoder, MAX_FRAME } from './frames.ts'

describe('frames', () => {
  it('come out as they went in, however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), fc.integer({ min: 1, max: 50 }), (payloads, cut) => {
        const bytes = Buffer.concat(payloads.map(payload => encodeFrame(FRAME.data, payload)))
        const decoder = new FrameDecoder()
        const out: Buffer[] = []
        for (let at = 0; at < bytes.length; at += cut)
          for (const { payload } of decoder.push(bytes.subarray(at, at + cut))) out.push(Buffer.from(payload))
        expect(out.map(one => one.toString('hex'))).toEqual(payloads.map(one => Buffer.from(one).toString('hex')))
      }),
    )
  })

  it('longer than allowed are refused before they are kept', () => {
    const head = Buffer.alloc(5)
    head.writeUInt32BE(MAX_FRAME + 1, 1)
    expect(() => new FrameDecoder().push(head)).toThrow(/too long/)
  })

  it('carry errors, and nonsense in their place is an error as well', () => {
    const error = { kind: 'busy', message: 'm', holder: 'h' } as const
    expect(decodeError(encodeError(error).subarray(5))).toEqual(error)
    expect(decodeError(Buffer.from('{"kind":"root"}'))).toMatchObject({ kind: 'internal' })
    expect(decodeError(Buffer.from('\xff'))).toMatchObject({ kind: 'internal' })
  })
})
