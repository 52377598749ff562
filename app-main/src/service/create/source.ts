/** What a new machine starts from. */
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import { z } from 'zod'
import { RemoteError } from '../../contract/index.ts'
import { runCommand } from '../../host/run-command.ts'
import type { Operation } from '../../hypervisor/driver.ts'

/** An image that machines are built on and that nobody writes to. */
export interface ImageSource {
  readonly kind: 'image'
  /** Absolute. */
  readonly path: string
  readonly format: 'qcow2' | 'raw'
  /** What the guest sees. */
  readonly bytes: number
  readonly osId: string | null
  readonly defaultUser: string | null
  readonly firmware: 'bios' | 'uefi' | 'any'
}

export interface IsoSource {
  readonly kind: 'iso'
  readonly path: string
  readonly bytes: number
  readonly osId: string | null
}

export type Source = ImageSource | IsoSource

/** Finds what a person named. `fetch` false: nothing may be downloaded or built for it. */
export type ResolveSource = (source: string, operation: Operation, fetch: boolean) => Promise<Source>

const MOST_BYTES = 64 * 2 ** 40
const INFO_MS = 30_000
const Info = z.object({
  format: z.string(),
  'virtual-size': z.number(),
  'backing-filename': z.string().optional(),
  encrypted: z.boolean().optional(),
  'format-specific': z.object({ data: z.looseObject({ 'data-file': z.string().optional() }) }).optional(),
})

const refuse = (path: string, why: string, hint?: string): RemoteError =>
  new RemoteError({
    kind: 'invalid-input',
    message: `“${path}” cannot be used: ${why}`,
    ...(hint === undefined ? {} : { hint }),
  })

/** The volume descriptor of ISO 9660, and whether there is anything at all. */
const look = async (path: string): Promise<{ iso: boolean; bytes: number }> => {
  // A pipe must not keep us waiting.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') throw new RemoteError({ kind: 'not-found', message: `There is no file “${path}”.` })
    throw refuse(path, cause.message)
  })
  try {
    const facts = await file.stat()
    if (!facts.isFile()) throw refuse(path, 'it is no file.')
    const { buffer } = await file.read(Buffer.alloc(5), 0, 5, 32_769)
    return { iso: buffer.toString('latin1') === 'CD001', bytes: facts.size }
  } finally {
    await file.close()
  }
}

/** A header may name other files, which QEMU would open for whoever runs it: such images are refused. */
const imageAt = async (path: string, signal: AbortSignal): Promise<ImageSource> => {
  // Without `--backing-chain`, so that nothing but this file is opened.
  const end = await runCommand('qemu-img', ['info', '-U', '--output=json', path], INFO_MS, signal)
  if (!end)
    throw new RemoteError({ kind: 'precondition', message: 'qemu-img cannot be run.', hint: 'Install qemu-utils.' })
  if (end.code !== 0) throw refuse(path, end.err.trim().split('\n')[0] || 'qemu-img cannot read it.')
  const parsed = Info.safeParse(JSON.parse(end.out))
  if (!parsed.success) throw refuse(path, 'what qemu-img says of it makes no sense.')
  const { format, 'virtual-size': bytes, encrypted } = parsed.data
  if (format !== 'qcow2' && format !== 'raw')
    throw refuse(
      path,
      `it is ${format}.`,
      `Convert it first: qemu-img convert -O qcow2 … (vireo image import does it, too).`,
    )
  const beyond = parsed.data['backing-filename'] ?? parsed.data['format-specific']?.data['data-file']
  if (beyond !== undefined)
    throw refuse(path, 'it says that parts of it are in another file, and such files are not trusted.')
  if (encrypted === true) throw refuse(path, 'it is encrypted.')
  if (!Number.isSafeInteger(bytes) || bytes < 512 || bytes > MOST_BYTES)
    throw refuse(path, `a disk of ${bytes} bytes makes no sense.`)
  return { kind: 'image', path, format, bytes, osId: null, defaultUser: null, firmware: 'any' }
}

/** A disk image or installation ISO of this computer. */
export const localSource: ResolveSource = async (source, { signal }) => {
  if (!isAbsolute(source)) {
    const message = `“${source}” is neither a file nor a system that Vireo knows.`
    throw new RemoteError({ kind: 'not-found', message, hint: 'Give the path of a disk image or an installation ISO.' })
  }
  const { iso, bytes } = await look(source)
  return iso ? { kind: 'iso', path: source, bytes, osId: null } : imageAt(source, signal)
}
