import { describe, expect, test } from 'vitest'
import { learn } from '../../store/guest-series.ts'
import { remember, type History } from '../../store/rates.ts'
import { sampleOf, statsOf } from '../../store/testing.ts'
import { chartsOf, rowAt, topOf, type ChartKey } from './chart-lines.ts'

const GIB = 2 ** 30

const guest = (seconds: readonly number[], part: Parameters<typeof sampleOf>[1] = { cpuPercent: 50 }) =>
  learn(
    undefined,
    { dialect: 'vireo', osName: null, samples: seconds.map(at => sampleOf(at * 1000, part)) },
    { deep: true, whole: true },
  )

/** Each processor busy for half of the time, and a mebibyte a second from the disk. */
const hypervisor = (seconds: readonly number[]) => {
  let history: History | undefined
  for (const at of seconds) {
    const used = { memoryUsedBytes: GIB, memoryBytes: 4 * GIB }
    history = remember(history, statsOf('a', at * 1000, { cpuSeconds: at, diskReadBytes: at * 2 ** 20, ...used }), 500)
  }
  return history?.rates ?? []
}
const seconds = (from: number, to: number, step: number) =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, at) => from + at * step)
type Pair = [Parameters<typeof chartsOf>[0], Parameters<typeof chartsOf>[1]]
const of = (key: ChartKey, ...[record, rates]: Pair) => {
  const chart = chartsOf(record, rates, 7).charts.find(one => one.key === key)
  if (!chart) throw new Error(key)
  return chart
}

describe('each chart tells who told it', () => {
  test('the guest where it tells, else the hypervisor', () => {
    const args: Pair = [guest(seconds(0, 100, 5)), hypervisor(seconds(0, 100, 2))]
    expect(chartsOf(...args, 7).charts.map(({ key, source }) => [key, source])).toEqual([
      ['cpu', 'guest'],
      ['memory', 'hypervisor'],
      ['disk', 'hypervisor'],
      ['network', null],
    ])
    expect(of('memory', ...args).rows.at(-1)?.values).toEqual([GIB, 3 * GIB, null])
  })

  test('the hypervisor takes over when the guest fell silent', () => {
    const rates = hypervisor(seconds(0, 300, 2))
    expect(of('cpu', guest(seconds(0, 250, 5)), rates).source).toBe('guest')
    expect(of('cpu', guest(seconds(0, 200, 5)), rates).source).toBe('hypervisor')
    expect(of('cpu', guest(seconds(0, 200, 5)), []).source).toBe('guest')
  })
})

describe('what is missing is a gap', () => {
  test('between moments that are too far apart', () => {
    const { rows } = of('cpu', guest([0, 5, 10, 100, 105]), [])
    expect(rows.map(({ at, values }) => [at, values[0]])).toEqual([
      [0, 0.5],
      [5000, 0.5],
      [10_000, 0.5],
      [10_001, null],
      [100_000, 0.5],
      [105_000, 0.5],
    ])
  })

  test('and has no value under the cursor', () => {
    const chart = of('cpu', guest([0, 5, 10, 100, 105]), [])
    expect(rowAt(chart, 6000, 105_000)?.at).toBe(5000)
    expect(rowAt(chart, 50_000, 105_000)).toBeNull()
    expect(rowAt(chart, null, 105_000)?.at).toBe(105_000)
    expect(rowAt({ ...chart, rows: [] }, null, 0)).toBeNull()
  })

  test('the newest of a silent source is not told as if it were now', () => {
    const chart = of('cpu', guest(seconds(0, 100, 5)), [])
    expect(rowAt(chart, null, 200_000)).toBeNull()
  })
})

test('a quarter of an hour is shown, up to what was measured last', () => {
  const { end, charts } = chartsOf(guest([0, 895]), hypervisor(seconds(800, 1000, 2)), 7)
  expect(end).toBe(1_000_000)
  expect(charts[0]?.rows.every(({ at }) => at >= 100_000)).toBe(true)
  expect(chartsOf(undefined, [], 7).end).toBe(7)
})

test('pictures are as high as what is shown, never flat, and all of the memory', () => {
  expect(topOf(of('cpu', undefined, []))).toBe(1)
  expect(topOf(of('network', undefined, []))).toBe(64 * 1024)
  expect(topOf(of('disk', undefined, hypervisor([0, 2, 4])))).toBeCloseTo(1.1 * 2 ** 20)
  expect(topOf(of('memory', undefined, hypervisor([0, 2])))).toBe(4 * GIB)
})
