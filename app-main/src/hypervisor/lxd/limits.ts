/** What an instance may use, of LXD's configuration words. */

/** Processors of `limits.cpu`: a number, or a set such as `0-3,7`; null when it says nothing that is known. */
export const cpuLimit = (text: string | undefined): number | null => {
  if (text === undefined || !/^\d+(?:-\d+)?(?:,\d+(?:-\d+)?)*$/.test(text)) return null
  if (/^\d+$/.test(text)) return bounded(Number(text))
  const spans = text.split(',').map(part => part.split('-').map(Number))
  return bounded(spans.reduce((sum, [first = 0, last = first]) => sum + Math.max(0, last - first + 1), 0))
}

const bounded = (count: number): number | null => (count > 0 && count <= 65_536 ? count : null)

const UNITS: Readonly<Record<string, number>> = {
  ...{ '': 1, B: 1, kB: 1e3, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12, PB: 1e15, EB: 1e18 },
  ...{ KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40, PiB: 2 ** 50, EiB: 2 ** 60 },
}

/** Bytes of a size such as `512MiB`; null when it is none. */
export const sizeOf = (text: string | undefined): number | null => {
  const [, number, unit] = /^(\d{1,18})\s*([A-Za-z]*)$/.exec(text ?? '') ?? []
  const factor = UNITS[unit ?? ' ']
  return number === undefined || factor === undefined ? null : Number(number) * factor
}

/** Bytes of `limits.memory`, which may be a share of the host's. */
export const memoryLimit = (text: string | undefined, hostBytes: number | null): number | null => {
  const share = /^(\d{1,3})%$/.exec(text ?? '')?.[1]
  if (share === undefined) return sizeOf(text)
  return hostBytes === null ? null : Math.round((hostBytes * Number(share)) / 100)
}
