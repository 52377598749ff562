/** Pictures of a guest's screen as PNG. What comes is from the guest's side: it is measured before it is believed. */
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { PNG } from 'pngjs'
import { RemoteError } from '../../contract/index.ts'

/** Bytes; an 8K screen is 100 MB as PPM. */
const MAX_BYTES = 128 * 1024 * 1024
const MAX_SIDE = 16_384
const DEADLINE_MS = 20_000

const unusable = (why: string): RemoteError =>
  new RemoteError({ kind: 'internal', message: `The picture of the screen cannot be used: ${why}` })

/** Reads the whole picture and closes the stream. Throws `RemoteError` for a picture that is none, or too big. */
export const pictureToPng = async (mime: string, stream: Duplex): Promise<Buffer> => {
  const bytes = await readAll(stream)
  if (isPng(bytes)) return checkedPng(bytes)
  if (bytes.subarray(0, 2).toString('latin1') === 'P6') return ppmToPng(bytes)
  throw unusable(`its type is ${JSON.stringify(mime.slice(0, 60))}`)
}

const readAll = async (stream: Duplex): Promise<Buffer> => {
  const chunks: Buffer[] = []
  let size = 0
  const late = setTimeout(() => stream.destroy(unusable('it did not come in time')), DEADLINE_MS)
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length
    chunks.push(chunk)
    if (size > MAX_BYTES) stream.destroy(unusable('it is too big'))
  })
  try {
    await once(stream, 'end')
    return Buffer.concat(chunks)
  } finally {
    clearTimeout(late)
    stream.destroy()
  }
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

const isPng = (bytes: Buffer): boolean => bytes.subarray(0, 8).equals(SIGNATURE)

const checkedPng = (bytes: Buffer): Buffer => {
  if (bytes.length < 24) throw unusable('it is cut off')
  checkSides(bytes.readUInt32BE(16), bytes.readUInt32BE(20))
  return bytes
}

const checkSides = (width: number, height: number): void => {
  if (width < 1 || height < 1 || width > MAX_SIDE || height > MAX_SIDE) throw unusable(`it is ${width} x ${height}`)
}

/** PPM, binary: `P6 width height 255` and three bytes a pixel. */
export const ppmToPng = (bytes: Buffer): Buffer => {
  const header = /^P6\s+(?:#[^\n]*\n\s*)*(\d{1,6})\s+(\d{1,6})\s+255\s/.exec(bytes.subarray(0, 512).toString('latin1'))
  if (header === null) throw unusable('its header cannot be read')
  const width = Number(header[1])
  const height = Number(header[2])
  checkSides(width, height)
  const start = header[0].length
  if (bytes.length < start + width * height * 3) throw unusable('it is cut off')
  const png = new PNG({ width, height, colorType: 2 })
  for (let pixel = 0; pixel < width * height; pixel++) {
    bytes.copy(png.data, pixel * 4, start + pixel * 3, start + pixel * 3 + 3)
    png.data[pixel * 4 + 3] = 255
  }
  return PNG.sync.write(png, { colorType: 2 })
}
