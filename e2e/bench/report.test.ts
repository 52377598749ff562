import { describe, expect, test } from 'vitest'
import { atLeast, atMost, median, quantile, repeated, single, table, timesFaster } from './report.ts'

const label = { suite: 'client', what: 'list', who: 'vireo', unit: 'ms' } as const

describe('quantiles', () => {
  test('the order of samples does not matter and they stay as they were', () => {
    const samples = [30, 10, 20]
    expect(median(samples)).toBe(20)
    expect(samples).toEqual([30, 10, 20])
  })

  test('of 100 samples p95 leaves five above or at it, and the largest q is the largest sample', () => {
    const samples = Array.from({ length: 100 }, (_, index) => index)
    expect(quantile(samples, 0.95)).toBe(95)
    expect(quantile(samples, 1)).toBe(99)
  })

  test('nothing measured is no number', () => {
    expect(median([])).toBeNaN()
  })
})

describe('budgets', () => {
  test('the limit itself is within', () => {
    expect(single(label, 100, atMost(100, 'ms'))).toMatchObject({ budget: '<= 100 ms', met: true })
    expect(single(label, 1.3, atLeast(1.3, 'x'))).toMatchObject({ budget: '>= 1.3 x', met: true })
  })

  test('a miss is said', () => {
    expect(single(label, 101, atMost(100, 'ms')).met).toBe(false)
    expect(single(label, 1.29, atLeast(1.3, 'x')).met).toBe(false)
  })

  test('what was not measured has missed its budget', () => {
    expect(repeated(label, [], atMost(100, 'ms')).met).toBe(false)
  })

  test('a figure without a budget is neither met nor missed', () => {
    expect(single(label, 1)).toEqual({ ...label, value: 1 })
  })

  test('a budget may be about p95: a good median does not meet it', () => {
    const samples = [...Array<number>(90).fill(10), ...Array<number>(10).fill(500)]
    expect(repeated(label, samples, atMost(100, 'ms')).met).toBe(true)
    const figure = repeated(label, samples, { ...atMost(100, 'ms'), of: 'p95' })
    expect(figure).toMatchObject({ value: 10, p95: 500, samples: 100, met: false })
  })
})

test('ratios are taken per round: a machine that slows down for a while slows both', () => {
  expect(timesFaster([10, 10, 100, 100, 100], [20, 20, 200, 200, 200])).toBe(2)
  // The ratio of medians would say 20 here.
  expect(timesFaster([10, 10, 100], [20, 200, 200])).toBe(2)
})

test('the table lines its columns up and says what was met and missed', () => {
  const figures = [
    single(label, 12.345, atMost(10, 'ms')),
    single({ ...label, what: 'bulk stats' }, 1, atMost(10, 'ms')),
  ]
  const [head, rule, first, second] = table(figures).split('\n')
  expect(first).toMatch(/^client +list +vireo +12\.3 +ms +<= 10 ms +MISSED$/)
  expect(second).toMatch(/ met$/)
  const column = head?.indexOf('what')
  expect(first?.indexOf('list')).toBe(column)
  expect(second?.indexOf('bulk stats')).toBe(column)
  expect(rule).toMatch(/^[- ]+$/)
})

test('what was measured on a busy computer is marked', () => {
  const [, , quiet, busy] = table([single(label, 1), { ...single(label, 2), busy: 40 }]).split('\n')
  expect(quiet).toMatch(/^client +list/)
  expect(busy).toMatch(/^client \* +list/)
})
