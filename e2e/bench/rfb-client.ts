/** As much of a VNC client as counting takes: asks for the screen again and again, in raw encoding. */

/** Bytes in both directions; the contract's byte stream is one, a socket another. */
export interface Bytes {
  write(bytes: Uint8Array): unknown
  onData(listener: (bytes: Uint8Array, done: () => void) => void): void
  close(): void
}

export interface ScreenCount {
  readonly frames: number
  readonly bytes: number
  readonly width: number
  readonly height: number
}

const RAW = 0

/** Collects what is still to be understood; pixels are only counted. */
class Incoming {
  #held = Buffer.alloc(0)
  #skip = 0
  #wake: (() => void) | undefined
  bytes = 0

  push(bytes: Uint8Array): void {
    this.bytes += bytes.byteLength
    const skipped = Math.min(this.#skip, bytes.byteLength)
    this.#skip -= skipped
    if (skipped < bytes.byteLength) this.#held = Buffer.concat([this.#held, bytes.subarray(skipped)])
    if (this.#skip === 0) this.#wake?.()
  }

  async take(length: number): Promise<Buffer> {
    while (this.#skip > 0 || this.#held.length < length) await new Promise<void>(resolve => (this.#wake = resolve))
    const taken = this.#held.subarray(0, length)
    this.#held = this.#held.subarray(length)
    return taken
  }

  async skip(length: number): Promise<void> {
    const here = Math.min(length, this.#held.length)
    this.#held = this.#held.subarray(here)
    this.#skip = length - here
    while (this.#skip > 0) await new Promise<void>(resolve => (this.#wake = resolve))
  }
}

const message = (...parts: readonly (readonly [value: number, bytes: 1 | 2 | 4])[]): Buffer =>
  Buffer.concat(
    parts.map(([value, bytes]) => {
      const part = Buffer.alloc(bytes)
      part.writeUIntBE(value >>> 0, 0, bytes)
      return part
    }),
  )

/** RFB 3.8 without a password. */
const greet = async (line: Bytes, incoming: Incoming): Promise<{ width: number; height: number; pixel: number }> => {
  await incoming.take(12)
  line.write(Buffer.from('RFB 003.008\n'))
  const kinds = await incoming.take((await incoming.take(1)).readUInt8())
  if (!kinds.includes(1)) throw new Error(`the screen wants a password: security types ${[...kinds].join(', ')}`)
  line.write(message([1, 1]))
  if ((await incoming.take(4)).readUInt32BE() !== 0) throw new Error('the screen refused us')
  // Shared: somebody else may look too.
  line.write(message([1, 1]))
  const init = await incoming.take(24)
  await incoming.skip(init.readUInt32BE(20))
  line.write(message([2, 1], [0, 1], [1, 2], [RAW, 4]))
  return { width: init.readUInt16BE(0), height: init.readUInt16BE(2), pixel: init.readUInt8(4) / 8 }
}

/** One FramebufferUpdate; other messages of the server before it are skipped. */
const update = async (incoming: Incoming, pixel: number): Promise<void> => {
  for (let kind = -1; kind !== 0;) {
    kind = (await incoming.take(1)).readUInt8()
    if (kind === 0) continue
    // Bell, cut text.
    if (kind === 3) await incoming.skip((await incoming.take(7)).readUInt32BE(3))
    else if (kind !== 2) throw new Error(`an unexpected message of type ${kind}`)
  }
  const rectangles = (await incoming.take(3)).readUInt16BE(1)
  for (let index = 0; index < rectangles; index++) {
    const head = await incoming.take(12)
    if (head.readInt32BE(8) !== RAW) throw new Error(`an unexpected encoding ${head.readInt32BE(8)}`)
    await incoming.skip(head.readUInt16BE(4) * head.readUInt16BE(6) * pixel)
  }
}

interface Screen {
  readonly incoming: Incoming
  readonly width: number
  readonly height: number
  /** Asks for a frame and waits until it is complete. */
  frame(what: 'whole' | 'changes'): Promise<void>
}

/** Opens a screen and shows its first frame; the line is closed after the work. */
const watch = async <T>(line: Bytes, work: (screen: Screen) => Promise<T>): Promise<T> => {
  const incoming = new Incoming()
  line.onData((bytes, done) => {
    incoming.push(bytes)
    done()
  })
  try {
    const { width, height, pixel } = await greet(line, incoming)
    const frame = async (what: 'whole' | 'changes') => {
      line.write(message([3, 1], [what === 'changes' ? 1 : 0, 1], [0, 2], [0, 2], [width, 2], [height, 2]))
      await update(incoming, pixel)
    }
    await frame('whole')
    return await work({ incoming, width, height, frame })
  } finally {
    line.close()
  }
}

/** Looks at a screen for so many milliseconds. The next whole frame is asked for when one is complete. */
export const countFrames = async (line: Bytes, milliseconds: number): Promise<ScreenCount & { seconds: number }> =>
  watch(line, async ({ incoming, width, height, frame }) => {
    const [start, before] = [performance.now(), incoming.bytes]
    let frames = 0
    while (performance.now() - start < milliseconds) {
      await frame('whole')
      frames++
    }
    const seconds = (performance.now() - start) / 1000
    return { frames, bytes: incoming.bytes - before, width, height, seconds }
  })

/** Looks at a screen as viewers do: asks for what changed when the last change is complete. When each frame was there. */
export const frameTimes = async (line: Bytes, milliseconds: number): Promise<readonly number[]> =>
  watch(line, async ({ frame }) => {
    const start = performance.now()
    const times: number[] = []
    while (performance.now() - start < milliseconds) {
      await frame('changes')
      times.push(performance.now())
    }
    return times
  })
