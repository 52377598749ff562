import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeExecFrame, execFrameReader, MAX_EXEC_FRAME, type ExecFrameKind } from './exec-frames.ts'

const frames = fc.array(
  fc.tuple(fc.constantFrom<ExecFrameKind>('stdin', 'stdout', 'stderr', 'end', 'stdinEnd'), fc.uint8Array()),
)

test('frames come out as they went in, however the bytes are cut', () => {
  fc.assert(
    fc.property(frames, fc.integer({ min: 1, max: 7 }), (sent, cut) => {
      const bytes = Buffer.concat(sent.map(([kind, content]) => encodeExecFrame(kind, content)))
      const got: [string, number[]][] = []
      const read = execFrameReader((kind, content) => got.push([kind, [...content]]))
      for (let at = 0; at < bytes.length; at += cut) read(bytes.subarray(at, at + cut))
      expect(got).toEqual(sent.map(([kind, content]) => [kind, [...content]]))
    }),
    { numRuns: 100 },
  )
})

test('an unknown kind and a frame beyond the limit are refused', () => {
  const read = () => execFrameReader(() => undefined)
  expect(() => read()(Uint8Array.of(9, 0, 0, 0, 0))).toThrow('not one')
  const long = new Uint8Array(5)
  new DataView(long.buffer).setUint32(1, MAX_EXEC_FRAME + 1)
  expect(() => read()(long)).toThrow('not one')
})
