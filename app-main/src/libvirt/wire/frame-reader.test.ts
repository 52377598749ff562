import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ProtocolError } from '../errors.ts'
import { FrameReader } from './frame-reader.ts'
import { frameOf, HEADER_BYTES, MAX_FRAME_BYTES } from './message.ts'

const header = { program: 1, version: 1, procedure: 2, type: 1, serial: 3, status: 0 }
const lengthWord = (length: number) => {
  const word = Buffer.alloc(4)
  word.writeUInt32BE(length)
  return word
}
const push = (reader: FrameReader, chunk: Buffer) => [...reader.push(chunk)]

/** Cuts bytes at the places that `cuts` name, as a socket might. */
const pieces = (bytes: Buffer, cuts: readonly number[]): Buffer[] => {
  const places = [...new Set(cuts.map(cut => cut % (bytes.length + 1)))].sort((a, b) => a - b)
  return [...places, bytes.length].map((end, index) => bytes.subarray(index === 0 ? 0 : places[index - 1], end))
}

test('frames come out whole however the bytes were cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }),
      fc.array(fc.nat(4000), { maxLength: 30 }),
      (payloads, cuts) => {
        const frames = payloads.map(payload => frameOf(header, payload))
        const reader = new FrameReader()
        const out = pieces(Buffer.concat(frames), cuts).flatMap(piece => push(reader, piece))
        expect(out.map(frame => frame.toString('hex'))).toEqual(frames.map(frame => frame.toString('hex')))
        expect(reader.pending).toBe(0)
      },
    ),
  )
})

test('bytes of a chunk are not used after it, so that the next read may overwrite them', () => {
  const STREAM = 3
  fc.assert(
    fc.property(
      fc.array(fc.record({ payload: fc.uint8Array({ maxLength: 300 }), stream: fc.boolean() }), { maxLength: 8 }),
      fc.array(fc.nat(3000), { maxLength: 30 }),
      (messages, cuts) => {
        const frames = messages.map(({ payload, stream }) =>
          frameOf(stream ? { ...header, type: STREAM } : header, payload),
        )
        const all = Buffer.concat(frames)
        const streamed: string[] = []
        const whole: string[] = []
        const reader = new FrameReader({
          wants: ({ type }) => type === STREAM,
          piece: (_, bytes) => streamed.push(bytes.toString('hex')),
        })
        const reused = Buffer.alloc(all.length)
        for (const piece of pieces(all, cuts)) {
          piece.copy(reused)
          for (const frame of reader.push(reused.subarray(0, piece.length))) {
            if (frame[19] === STREAM) streamed.push(frame.toString('hex', HEADER_BYTES))
            else whole.push(frame.toString('hex'))
          }
          reused.fill(0xee)
        }
        const sent = (kind: boolean) => frames.filter(frame => (frame[19] === STREAM) === kind)
        expect(streamed.join('')).toBe(
          sent(true)
            .map(frame => frame.toString('hex', HEADER_BYTES))
            .join(''),
        )
        expect(whole).toEqual(sent(false).map(frame => frame.toString('hex')))
      },
    ),
  )
})

test('garbage gives legal frames or a protocol error, and nothing else', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 10 }), chunks => {
      const reader = new FrameReader()
      let given = 0
      try {
        for (const chunk of chunks) {
          given += chunk.length
          for (const frame of push(reader, Buffer.from(chunk))) {
            expect(frame.length).toBeGreaterThanOrEqual(HEADER_BYTES)
            expect(frame.readUInt32BE(0)).toBe(frame.length)
          }
          expect(reader.pending).toBeLessThanOrEqual(given)
        }
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError)
      }
    }),
  )
})

test.each([0, 3, HEADER_BYTES - 1, MAX_FRAME_BYTES + 1, 0xffffffff])('a length of %i is refused at once', length => {
  expect(() => push(new FrameReader(), lengthWord(length))).toThrow(ProtocolError)
})

test('a length that comes byte by byte is checked as well', () => {
  const reader = new FrameReader()
  const word = lengthWord(7)
  for (let index = 0; index < 3; index++) expect(push(reader, word.subarray(index, index + 1))).toEqual([])
  expect(() => push(reader, word.subarray(3))).toThrow(ProtocolError)
})

test('the longest legal frame is held as far as it came, not as long as it claims', () => {
  const reader = new FrameReader()
  expect(push(reader, Buffer.concat([lengthWord(MAX_FRAME_BYTES), Buffer.alloc(1000)]))).toEqual([])
  expect(reader.pending).toBe(1004)
})

test('bytes that accompany descriptors are left out', () => {
  const reader = new FrameReader()
  const frame = frameOf(header, Buffer.from([1, 2, 3, 4]))
  const out: string[] = []
  for (const found of reader.push(Buffer.concat([frame, Buffer.from([0]), frame]))) {
    out.push(found.toString('hex'))
    if (out.length === 1) reader.skip(1)
  }
  expect(out).toEqual([frame.toString('hex'), frame.toString('hex')])
})

test('what is wanted in pieces comes as it came, and other frames whole, however the bytes were cut', () => {
  const STREAM = 3
  fc.assert(
    fc.property(
      fc.array(fc.record({ payload: fc.uint8Array({ maxLength: 300 }), stream: fc.boolean() }), { maxLength: 8 }),
      fc.array(fc.nat(3000), { maxLength: 30 }),
      (messages, cuts) => {
        const frames = messages.map(({ payload, stream }) =>
          frameOf(stream ? { ...header, type: STREAM } : header, payload),
        )
        const streamed: Buffer[] = []
        const whole: Buffer[] = []
        const reader = new FrameReader({
          wants: ({ type }) => type === STREAM,
          piece: ({ serial }, bytes) => {
            expect(serial).toBe(header.serial)
            expect(bytes.length).toBeGreaterThan(0)
            streamed.push(bytes)
          },
        })
        for (const piece of pieces(Buffer.concat(frames), cuts)) {
          for (const frame of reader.push(piece)) {
            if (frame[19] === STREAM) streamed.push(frame.subarray(HEADER_BYTES))
            else whole.push(frame)
          }
        }
        const sent = (kind: boolean) => messages.filter(({ stream }) => stream === kind)
        expect(Buffer.concat(streamed)).toEqual(Buffer.concat(sent(true).map(({ payload }) => payload)))
        expect(whole).toEqual(sent(false).map(({ payload }) => frameOf(header, payload)))
        expect(reader.pending).toBe(0)
      },
    ),
  )
})

test('of a frame that is taken in pieces nothing is held', () => {
  const reader = new FrameReader({ wants: () => true, piece: () => undefined })
  const frame = frameOf(header, Buffer.alloc(1000))
  expect(push(reader, frame.subarray(0, 100))).toEqual([])
  expect(reader.pending).toBe(0)
  expect(push(reader, Buffer.concat([frame.subarray(100), frame]))).toHaveLength(1)
})
