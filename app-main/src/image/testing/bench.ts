import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HttpClient } from '../http.ts'

/** Plenty, so that the computer that runs the tests does not matter. */
export const PLENTY = async () => 2 ** 50

export const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
export const sha512 = (bytes: Buffer) => createHash('sha512').update(bytes).digest('hex')

/** Bytes that look like nothing, the same for the same length. */
export const noise = (length: number): Buffer => {
  const bytes = Buffer.alloc(length)
  let seed = 1
  for (let at = 0; at < length; at++) {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
    bytes[at] = seed >> 16
  }
  return bytes
}

/** A raw disk with a boot record, which is what tests serve as an image. */
export const rawDisk = (length: number): Buffer => {
  const bytes = noise(length)
  bytes.writeUInt16LE(0xaa55, 510)
  return bytes
}

export interface Bench extends AsyncDisposable {
  readonly folder: string
  readonly http: HttpClient
}

/** A folder and a client, both gone afterwards. No proxy of the environment comes between. */
export const bench = async (stallMs = 5000, environment: NodeJS.ProcessEnv = {}): Promise<Bench> => {
  const folder = await mkdtemp(join(tmpdir(), 'vireo-image-'))
  const http = new HttpClient({ stallMs, environment })
  return {
    ...{ folder, http },
    async [Symbol.asyncDispose]() {
      await http.close()
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
