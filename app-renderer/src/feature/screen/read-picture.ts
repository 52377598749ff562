import { type ByteStream, RemoteError } from '@vireo/app-main/contract'

/** A screen of 7680 by 4320 pixels that does not compress at all is smaller. */
const LARGEST = 128 * 1024 * 1024
const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

/** Reads a PNG picture to its end. Rejects with the stream's failure, or with kind `refused` for anything but a picture. */
export const readPicture = async (stream: ByteStream): Promise<Blob> => {
  const pieces: Uint8Array<ArrayBuffer>[] = []
  let size = 0
  stream.onData((bytes, done) => {
    size += bytes.byteLength
    if (size > LARGEST) return stream.close()
    pieces.push(bytes.slice())
    done()
  })
  const error = await stream.closed
  if (error) throw new RemoteError(error)
  const picture = new Blob(pieces, { type: 'image/png' })
  const head = new Uint8Array(await picture.slice(0, PNG.length).arrayBuffer())
  if (size > LARGEST || PNG.some((value, at) => head[at] !== value))
    throw new RemoteError({ kind: 'refused', message: 'What came is not a picture.' })
  return picture
}
