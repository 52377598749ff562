/** A machine's disk as the layers it consists of, and one image of what a guest sees of them. */
import { stat } from 'node:fs/promises'
import { dirname, isAbsolute, resolve } from 'node:path'
import { RemoteError } from '../contract/index.ts'
import { readDiskHeader, readQcow2Layer } from './disk-header.ts'
import { convertLayers, fileFailure } from './qemu-img.ts'

export interface DiskLayer {
  /** Absolute. */
  readonly path: string
  readonly format: 'qcow2' | 'raw'
  /** What the file takes on disk. */
  readonly bytes: number
}

const MOST_LAYERS = 32
const PROTOCOL = /^(?:json|[a-z][a-z0-9+.-]*):/

const refused = (message: string) => new RemoteError({ kind: 'precondition', message })

const isFormat = (format: string | null): format is DiskLayer['format'] => format === 'qcow2' || format === 'raw'

const layerAt = async (path: string, format: DiskLayer['format']): Promise<DiskLayer> => {
  const facts = await stat(path)
  if (!facts.isFile()) throw refused(`“${path}” is no file.`)
  return { path, format, bytes: facts.blocks * 512 }
}

/** The file that a layer is built on, as far as nothing has to be guessed of it. */
const baseOf = async (path: string): Promise<{ path: string; format: DiskLayer['format'] } | null> => {
  const { base } = await readQcow2Layer(path)
  if (base === null) return null
  const plain = base.name.startsWith('file:') ? base.name.slice(5) : base.name
  if (PROTOCOL.test(plain) || plain.includes('\0'))
    throw refused(`“${path}” is built on something that is no file of this computer.`)
  // Probing would let what a guest once wrote there say what it is.
  if (!isFormat(base.format)) throw refused(`“${path}” does not say what kind of file it is built on.`)
  return { path: isAbsolute(plain) ? plain : resolve(dirname(path), plain), format: base.format }
}

/**
 * The layers of a disk, the guest's own first. `format` is what the machine's definition says: what a guest wrote into a raw
 * disk says nothing. Throws `precondition` for a disk that cannot be read for certain, `not-found` and `permission`.
 */
export const readLayers = async (path: string, format: DiskLayer['format']): Promise<DiskLayer[]> => {
  const layers: DiskLayer[] = []
  let next: { path: string; format: DiskLayer['format'] } | null = { path, format }
  while (next !== null) {
    const { path: at, format: as }: Pick<DiskLayer, 'path' | 'format'> = next
    if (layers.length >= MOST_LAYERS || layers.some(one => one.path === at))
      throw refused(`“${path}” is built on too many files, or on itself.`)
    // A base that is text is no disk, whatever names it.
    try {
      if (as === 'raw' && layers.length > 0) await readDiskHeader(at, { raw: true })
      layers.push(await layerAt(at, as))
      next = as === 'raw' ? null : await baseOf(at)
    } catch (error) {
      // Which of them it is nobody could tell later.
      throw fileFailure(at, error)
    }
  }
  return layers
}

interface Node {
  readonly driver: DiskLayer['format']
  readonly file: { readonly driver: 'file'; readonly filename: string }
  readonly backing?: Node | null
}

/** Every file and format is named: QEMU then follows no header. */
export const nodeOf = ([first, ...rest]: readonly DiskLayer[]): Node | null => {
  if (!first) return null
  const { path: filename, format: driver } = first
  const file = { driver: 'file', filename } as const
  return driver === 'raw' ? { driver, file } : { driver, file, backing: nodeOf(rest) }
}

export interface FlattenOptions {
  readonly layers: readonly DiskLayer[]
  readonly to: string
  readonly folder: string
  readonly signal: AbortSignal
  /** Of 1. */
  readonly progress: (fraction: number) => void
}

/** Writes a qcow2 image that needs no other file. QEMU's locks see to it that no machine writes meanwhile: `precondition`. */
export const flattenLayers = async ({ layers, ...options }: FlattenOptions): Promise<void> =>
  convertLayers({ from: `json:${JSON.stringify(nodeOf(layers))}`, ...options })
