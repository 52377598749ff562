/** A `<disk>` of a domain. */
import type { XmlElement } from './document.ts'
import { attribute, find, textOf } from './query.ts'

export interface DiskXml {
  /** `file`, `block`, `volume`, `network`, ... */
  readonly type: string
  /** `disk`, `cdrom`, `floppy` or `lun`. */
  readonly device: string
  readonly target: string
  readonly bus: string
  readonly format: string | null
  /** Path on the host, for files and block devices. */
  readonly path: string | null
  /** Pool and volume, for disks of type `volume`. */
  readonly pool: string | null
  readonly volume: string | null
  /** What to show as its source. */
  readonly source: string | null
  readonly readOnly: boolean
  readonly shareable: boolean
  /** Thrown away at power off. */
  readonly transient: boolean
  readonly serial: string | null
}

export const diskOf = (element: XmlElement): DiskXml => {
  const source = find(element, 'source')
  const device = attribute(element, 'device') ?? 'disk'
  const path = attribute(source, 'file') ?? attribute(source, 'dev') ?? attribute(source, 'dir')
  const pool = attribute(source, 'pool')
  const volume = attribute(source, 'volume')
  return {
    type: attribute(element, 'type') ?? 'file',
    device,
    target: attribute(find(element, 'target'), 'dev') ?? '',
    bus: attribute(find(element, 'target'), 'bus') ?? '',
    format: attribute(find(element, 'driver'), 'type'),
    path,
    pool,
    volume,
    source: path ?? (pool !== null && volume !== null ? `${pool}/${volume}` : networkSource(source)),
    readOnly: find(element, 'readonly') !== undefined || device === 'cdrom',
    shareable: find(element, 'shareable') !== undefined,
    transient: find(element, 'transient') !== undefined,
    serial: textOf(find(element, 'serial')),
  }
}

const networkSource = (source: XmlElement | undefined): string | null => {
  const protocol = attribute(source, 'protocol')
  if (protocol === null) return null
  const host = attribute(find(source, 'host'), 'name')
  return `${protocol}:${host === null ? '' : `//${host}/`}${attribute(source, 'name') ?? ''}`
}
