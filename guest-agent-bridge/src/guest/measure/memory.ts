/** /proc/meminfo, in bytes. */
export interface Memory {
  readonly total: number
  readonly available: number
  readonly swapTotal: number
  readonly swapUsed: number
}

export const parseMemory = (text: string): Memory => {
  const kibibytes = new Map(
    [...text.matchAll(/^(\w+):\s*(\d+) kB$/gm)].map(([, name = '', value]) => [name, Number(value)]),
  )
  const of = (name: string): number => 1024 * (kibibytes.get(name) ?? 0)
  // Kernels before 3.14 do not tell what is available.
  const available = kibibytes.has('MemAvailable') ? of('MemAvailable') : of('MemFree') + of('Buffers') + of('Cached')
  return { total: of('MemTotal'), available, swapTotal: of('SwapTotal'), swapUsed: of('SwapTotal') - of('SwapFree') }
}
