/** qemu-img on files that have passed our own look at their headers. */
import { z } from 'zod'
import { RemoteError } from '../contract/index.ts'
import { MOST_VIRTUAL_BYTES, readDiskHeader, type DiskFormat, type HeaderOptions } from './disk-header.ts'
import { isFull, noSpace } from './disk-space.ts'
import { lastWords, needTool, runTool } from './run-tool.ts'

export interface DiskFacts {
  readonly format: DiskFormat | 'iso'
  /** What the guest sees, bytes. */
  readonly bytes: number
}

const Info = z.object({
  format: z.string(),
  'virtual-size': z.number().int().positive().max(MOST_VIRTUAL_BYTES),
  'backing-filename': z.string().optional(),
  'full-backing-filename': z.string().optional(),
  encrypted: z.boolean().optional(),
  'dirty-flag': z.boolean().optional(),
  'format-specific': z.object({ data: z.looseObject({ 'data-file': z.string().optional() }) }).optional(),
})

const program = () => needTool('qemu-img', 'qemu-utils')

/**
 * What kind of disk `path` (absolute) is and how large. Throws `precondition` for what is no disk or reaches beyond itself, and
 * `unsupported` where qemu-img is missing.
 */
export const inspectDisk = async (
  path: string,
  signal: AbortSignal,
  options: HeaderOptions = {},
): Promise<DiskFacts> => {
  const header = await readDiskHeader(path, options)
  if (header.format === 'iso' || header.format === 'raw') return header
  const end = await runTool(program(), ['info', '--output=json', '-f', header.format, path], { signal, ms: 60_000 })
  if (end.code !== 0)
    throw new RemoteError({ kind: 'precondition', message: `This image cannot be read: ${lastWords(end)}` })
  let info: z.infer<typeof Info>
  try {
    info = Info.parse(JSON.parse(end.out))
  } catch (error) {
    throw new RemoteError(
      { kind: 'precondition', message: 'This image says strange things of itself.' },
      { cause: error },
    )
  }
  const beyond =
    info['backing-filename'] ?? info['full-backing-filename'] ?? info['format-specific']?.data['data-file'] ?? null
  if (beyond !== null || info.encrypted === true || info.format !== header.format)
    throw new RemoteError({ kind: 'precondition', message: 'This image needs other files, or a key.' })
  return { format: header.format, bytes: info['virtual-size'] }
}

export interface ConvertOptions {
  readonly from: string
  readonly format: DiskFormat
  readonly to: string
  readonly folder: string
  readonly signal: AbortSignal
  /** Of 1. */
  readonly progress: (fraction: number) => void
}

const LOCKED = /failed to get .*lock/i

const convert = async (
  from: readonly string[],
  { to, folder, signal, progress }: Omit<ConvertOptions, 'from' | 'format'>,
): Promise<void> => {
  const onLine = (line: string) => {
    const percent = /\((\d+(?:\.\d+)?)\/100%\)/.exec(line)?.[1]
    if (percent !== undefined) progress(Number(percent) / 100)
  }
  const args = ['convert', '-p', '-O', 'qcow2', ...from, to]
  const end = await runTool(program(), args, { signal, ms: 24 * 3_600_000, onLine })
  if (end.code === 0) return
  if (/no space left|disk quota/i.test(end.err)) throw noSpace(folder, null)
  if (LOCKED.test(end.err))
    throw new RemoteError({
      kind: 'precondition',
      message: 'This disk is in use by a machine that runs.',
      hint: 'Shut it down first.',
    })
  throw new RemoteError({ kind: 'precondition', message: `This image cannot be converted: ${lastWords(end)}` })
}

/** Writes a qcow2 image with what `from` holds. `from` must have been inspected. */
export const convertDisk = async ({ from, format, ...options }: ConvertOptions): Promise<void> =>
  convert(['-f', format, from], options)

/** The same of a disk of several layers; `from` is QEMU's own description of them, which must name every file and format. */
export const convertLayers = async ({ from, ...options }: Omit<ConvertOptions, 'format'>): Promise<void> =>
  convert([from], options)

/** Failures of the file system as typed ones. */
export const fileFailure = (path: string, error: unknown): unknown => {
  if (error instanceof RemoteError || !(error instanceof Error) || !('code' in error)) return error
  if (isFull(error)) return noSpace(path, null, error)
  const kind =
    error.code === 'ENOENT' ? 'not-found' : error.code === 'EACCES' || error.code === 'EPERM' ? 'permission' : undefined
  if (kind === undefined) return error
  const message =
    kind === 'not-found' ? `There is no file “${path}”.` : `“${path}” may not be read or written by this user.`
  return new RemoteError({ kind, message }, { cause: error })
}
