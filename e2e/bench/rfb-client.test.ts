import { expect, test } from 'vitest'
import { countFrames, frameTimes, type Bytes } from './rfb-client.ts'

/** A screen of 4 x 2 pixels that answers every request, its bytes cut into pieces of `piece`. */
const screen = (piece: number, encoding = 0): Bytes & { closed: boolean; asked: number[] } => {
  let listener: (bytes: Uint8Array, done: () => void) => void = () => undefined
  let step = 0
  const send = (bytes: Buffer) => {
    for (let at = 0; at < bytes.length; at += piece) listener(bytes.subarray(at, at + piece), () => undefined)
  }
  const init = Buffer.concat([Buffer.from([0, 4, 0, 2, 32, 24, 0, 1]), Buffer.alloc(12), Buffer.from('\0\0\0\x03vm1')])
  const frame = Buffer.concat([Buffer.from([0, 0, 0, 1, 0, 0, 0, 0, 0, 4, 0, 2, 0, 0, 0, encoding]), Buffer.alloc(32)])
  const bell = Buffer.from([2])
  const answers = [Buffer.from([1, 1]), Buffer.alloc(4), init]
  return {
    closed: false,
    asked: [],
    write(bytes) {
      if (bytes[0] === 3) this.asked.push(bytes[1] ?? -1)
      // The server answers later, never within the client's own write.
      if (bytes[0] === 2) return
      const answer = answers[step++] ?? Buffer.concat([bell, frame])
      setTimeout(() => send(answer), 0)
    },
    onData(receive) {
      listener = receive
      setTimeout(() => send(Buffer.from('RFB 003.008\n')), 0)
    },
    close() {
      this.closed = true
    },
  }
}

test.each([1, 7, 1000])('frames and bytes are counted, in pieces of %i bytes too', async piece => {
  const line = screen(piece)
  const { frames, bytes, width, height } = await countFrames(line, 30)
  expect([width, height]).toEqual([4, 2])
  expect(frames).toBeGreaterThan(1)
  // A bell, the head of the message and of its one rectangle, and 4 x 2 pixels of four bytes.
  expect(bytes).toBe(frames * (1 + 4 + 12 + 32))
  expect(line.closed).toBe(true)
})

test('an encoding that was not asked for is an error, and the line is closed', async () => {
  const line = screen(1000, 7)
  await expect(countFrames(line, 30)).rejects.toThrow('unexpected encoding 7')
  expect(line.closed).toBe(true)
})

test('a viewer asks for the whole screen once and then for what changed', async () => {
  const line = screen(1000)
  const times = await frameTimes(line, 30)
  expect(times.length).toBeGreaterThan(1)
  expect(times).toEqual([...times].sort((a, b) => a - b))
  expect(line.asked).toEqual([0, ...times.map(() => 1)])
  expect(line.closed).toBe(true)
})
