/** One measurement as lines for people. */
import type { GuestProcess, GuestTelemetry } from '../../contract/index.ts'
import { duration, printable, size, table, width } from './text.ts'

export interface Shown {
  readonly name: string
  readonly sample: GuestTelemetry
  /** The measurement before it, for rates. */
  readonly before: GuestTelemetry | null
  readonly processes: readonly GuestProcess[]
}

const BAR = 24
const percent = (value: number) => `${value.toFixed(1)} %`
const bar = (share: number): string => {
  const full = Math.round(Math.min(1, Math.max(0, share)) * BAR)
  return `${'#'.repeat(full)}${'.'.repeat(BAR - full)}`
}

const share = (label: string, used: number | null, whole: number | null): string[] =>
  used === null || whole === null || whole <= 0
    ? []
    : [`${label.padEnd(5)} ${bar(used / whole)}  ${size(used)} of ${size(whole)}, ${percent((100 * used) / whole)}`]

const headLine = ({ name, sample }: Shown): string => {
  const { load, processCount, uptimeSeconds } = sample
  const parts = [
    printable(name),
    load === null ? '' : `load ${load.map(value => value.toFixed(2)).join(' ')}`,
    processCount === null ? '' : `${processCount} processes`,
    uptimeSeconds === null ? '' : `up ${duration(uptimeSeconds)}`,
  ]
  return parts.filter(Boolean).join('   ')
}

const memoryLines = (sample: GuestTelemetry): string[] => {
  const { memoryTotalBytes: total, memoryAvailableBytes: free, swapTotalBytes, swapUsedBytes, cpuPercent } = sample
  return [
    ...(cpuPercent === null ? [] : [`CPU   ${bar(cpuPercent / 100)}  ${percent(cpuPercent)}`]),
    ...share('Mem', total === null || free === null ? null : total - free, total),
    ...share('Swap', swapUsedBytes, swapTotalBytes),
  ]
}

const rate = (now: number | null, then: number | null | undefined, seconds: number): string =>
  now === null || then === null || then === undefined || seconds <= 0 || now < then
    ? '-'
    : `${size(Math.round((now - then) / seconds))}/s`

const networkTable = ({ sample, before }: Shown): string[] => {
  const rows = sample.interfaces
    .filter(({ name }) => name !== 'lo')
    .map(one => {
      const old = before?.interfaces.find(({ name }) => name === one.name)
      const seconds = before === null ? 0 : (sample.at - before.at) / 1000
      const rates = [rate(one.receivedBytes, old?.receivedBytes, seconds), rate(one.sentBytes, old?.sentBytes, seconds)]
      return [one.name, ...rates, one.addresses.join(' ')]
    })
  return rows.length === 0 ? [] : ['', ...table(['INTERFACE', 'IN', 'OUT', 'ADDRESSES'], rows).split('\n')]
}

const diskTable = ({ filesystems }: GuestTelemetry): string[] => {
  const rows = filesystems.flatMap(({ mountPoint, totalBytes, usedBytes }) =>
    totalBytes === null || usedBytes === null || totalBytes <= 0
      ? []
      : [[mountPoint, size(totalBytes), size(usedBytes), percent((100 * usedBytes) / totalBytes)]],
  )
  return rows.length === 0 ? [] : ['', ...table(['MOUNTED', 'SIZE', 'USED', 'FULL'], rows).split('\n')]
}

const processTable = (processes: readonly GuestProcess[]): string[] => {
  if (processes.length === 0) return []
  const busiest = [...processes].sort((a, b) => (b.cpuPercent ?? 0) - (a.cpuPercent ?? 0)).slice(0, 100)
  const rows = busiest.map(one => [
    ...[String(one.pid), one.user ?? '-', one.state ?? '-', one.cpuPercent === null ? '-' : one.cpuPercent.toFixed(1)],
    ...[one.memoryBytes === null ? '-' : size(one.memoryBytes), one.command ?? `[${one.name}]`],
  ])
  return ['', ...table(['PID', 'USER', 'S', 'CPU %', 'MEMORY', 'COMMAND'], rows).split('\n')]
}

const cut = (line: string, columns: number): string => {
  let shown = line.slice(0, columns)
  while (width(shown) > columns) shown = shown.slice(0, -1)
  return shown
}

/** Lines of at most `columns` columns, the most important first. */
export const telemetryLines = (shown: Shown, columns: number): string[] =>
  [
    headLine(shown),
    '',
    ...memoryLines(shown.sample),
    ...diskTable(shown.sample),
    ...networkTable(shown),
    ...processTable(shown.processes),
  ].map(line => cut(line, columns || 80))
