/** `.xz`, `.zst` and `.gz` around an image, unpacked without filling the disk: bombs meet a limit, zeros become holes. */
import { spawn } from 'node:child_process'
import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { RemoteError } from '../contract/index.ts'
import { ensureSpace, isFull, noSpace, SpaceWatch, type FreeBytes } from './disk-space.ts'
import { cancelled, needTool } from './run-tool.ts'

export type Packing = 'xz' | 'zst' | 'gz'

const BEGINNINGS: readonly (readonly [Packing, string])[] = [
  ['xz', 'fd377a585a00'],
  ['zst', '28b52ffd'],
  ['gz', '1f8b'],
]

/** What the first bytes of a file say; names lie. */
export const packingOf = (beginning: Buffer): Packing | undefined =>
  BEGINNINGS.find(([, hex]) => beginning.subarray(0, hex.length / 2).toString('hex') === hex)?.[0]

export interface UnpackOptions {
  readonly from: string
  readonly to: string
  readonly packing: Packing
  readonly folder: string
  readonly free: FreeBytes
  readonly signal: AbortSignal
  readonly progress: (done: number) => void
  /** More than this is refused, bytes. */
  readonly most?: number
}

const MOST_BYTES = 1024 ** 4
const BLOCK = 64 * 1024

const broken = (why: string, cause?: unknown) =>
  new RemoteError(
    {
      kind: 'precondition',
      message: `The image cannot be unpacked: ${why}`,
      hint: 'It may be damaged: fetch it again.',
    },
    { cause },
  )

interface Unpacker {
  readonly output: Readable
  /** Rejects when what was unpacked is not whole. */
  readonly end: Promise<void>
  stop(): void
}

const byProgram = (packing: 'xz' | 'zst', from: string): Unpacker => {
  const [program, args] = {
    xz: [
      needTool('xz', 'xz-utils'),
      ['--decompress', '--stdout', '--threads=0', '--memlimit-decompress=1GiB', '--', from],
    ],
    zst: [needTool('zstd', 'zstd'), ['--decompress', '--stdout', '--quiet', '--memory=1024MiB', '--', from]],
  }[packing] as [string, string[]]
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2000)))
  const end = new Promise<void>((resolve, reject) => {
    child.once('error', error => reject(broken(error.message, error)))
    child.once('close', code => {
      if (code === 0) resolve()
      else reject(broken(said.trim().split('\n').at(-1)?.slice(0, 200) ?? `${program} failed`))
    })
  })
  return { output: child.stdout, end, stop: () => void child.kill('SIGKILL') }
}

const byNode = (from: string): Unpacker => {
  const input = createReadStream(from, { highWaterMark: 1 << 20 })
  const output = createGunzip({ chunkSize: 1 << 20 })
  input.once('error', error => output.destroy(error))
  // It may fail once more after whoever reads has left.
  output.on('error', () => undefined)
  input.pipe(output)
  return { output, end: Promise.resolve(), stop: () => void (input.destroy(), output.destroy()) }
}

const ZEROS = Buffer.alloc(BLOCK)
const isZero = (bytes: Buffer) => bytes[0] === 0 && bytes.equals(ZEROS.subarray(0, bytes.length))

/** Writes blocks where they belong and leaves out those of zeros: raw images are mostly that. */
class HoleyFile {
  readonly #file: FileHandle
  readonly #hash: Hash = createHash('sha256')
  #at = 0

  constructor(file: FileHandle) {
    this.#file = file
  }

  get size(): number {
    return this.#at
  }

  async write(bytes: Buffer): Promise<void> {
    this.#hash.update(bytes)
    for (let from = 0; from < bytes.length; from += BLOCK) {
      const block = bytes.subarray(from, from + BLOCK)
      if (!isZero(block)) {
        for (let at = 0; at < block.length;)
          at += (await this.#file.write(block, at, block.length - at, this.#at + at)).bytesWritten
      }
      this.#at += block.length
    }
  }

  async finish(): Promise<string> {
    await this.#file.truncate(this.#at)
    await this.#file.sync()
    return this.#hash.digest('hex')
  }
}

/** Gives the unpacked size and SHA-256. Throws `precondition`, `precondition` (no room), `unsupported` (no program), `cancelled`. */
export const unpack = async (options: UnpackOptions): Promise<{ bytes: number; sha256: string }> => {
  const { from, to, packing, folder, free, signal, progress, most = MOST_BYTES } = options
  if (signal.aborted) throw cancelled(signal)
  await ensureSpace(free, folder, 0)
  const space = new SpaceWatch(free, folder)
  const unpacker = packing === 'gz' ? byNode(from) : byProgram(packing, from)
  // Its failure is looked at after the last byte.
  unpacker.end.catch(() => undefined)
  signal.addEventListener('abort', unpacker.stop)
  const handle = await open(to, 'w', 0o600)
  try {
    const file = new HoleyFile(handle)
    for await (const chunk of unpacker.output) {
      const bytes: unknown = chunk
      if (!Buffer.isBuffer(bytes)) continue
      if (file.size + bytes.length > most) throw broken('it grows without end.')
      await file.write(bytes)
      await space.wrote(bytes.length)
      progress(file.size)
      if (signal.aborted) throw cancelled(signal)
    }
    await unpacker.end
    return { sha256: await file.finish(), bytes: file.size }
  } catch (error) {
    if (signal.aborted) throw cancelled(signal)
    if (isFull(error)) throw noSpace(folder, null, error)
    if (error instanceof RemoteError) throw error
    throw broken(error instanceof Error ? error.message : String(error), error)
  } finally {
    signal.removeEventListener('abort', unpacker.stop)
    unpacker.stop()
    await handle.close()
  }
}
