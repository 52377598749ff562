import type { Duplex } from 'node:stream'
import { writeFileAtomic } from '../../base/json-file.ts'
import { RemoteError } from '../../contract/index.ts'
import { note, print } from './terminal.ts'

/** An 8K screen without any compression is 133 MB; a PNG that is larger is not a screen. */
const LIMIT_BYTES = 160 * 1024 * 1024

/** A file name from any machine name, with the time so that pictures never replace each other. */
const pictureName = (name: string, now: Date): string => {
  const safe = name.replace(/[^\p{L}\p{N}._-]+/gu, '_').replace(/^[.-]+/, '_')
  // File names may take 255 bytes, and a letter up to four.
  return `${safe.slice(0, 50) || 'machine'}-${now.toISOString().slice(0, 19).replace(/[:T]/g, '-')}.png`
}

const collected = async (picture: Duplex): Promise<Buffer> => {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of picture as AsyncIterable<Buffer>) {
    bytes += part.length
    if (bytes > LIMIT_BYTES) throw new RemoteError({ kind: 'unsupported', message: 'The picture is too large.' })
    parts.push(part)
  }
  return Buffer.concat(parts)
}

/** Writes the picture; a file appears whole or not at all. `-` is standard output, refused on a terminal. */
export const saveScreenshot = async (picture: Duplex, name: string, output: unknown): Promise<number> => {
  if (output === '-' && process.stdout.isTTY) {
    picture.destroy()
    const hint = 'Redirect it, or give a file with -o FILE.'
    throw new RemoteError({ kind: 'invalid-input', message: 'A picture is not written to a terminal.', hint })
  }
  const png = await collected(picture)
  if (output === '-') {
    await new Promise(resolve => process.stdout.write(png, resolve))
    return 0
  }
  const file = typeof output === 'string' ? output : pictureName(name, new Date())
  await writeFileAtomic(file, png, 0o666).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error)
    throw new RemoteError({ kind: 'invalid-input', message: `${file} cannot be written: ${why}` }, { cause: error })
  })
  if (process.stdout.isTTY) note(`Written to:`)
  print(file)
  return 0
}
