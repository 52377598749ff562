import { expect, test } from 'vitest'
import { WriteFlow } from './write-flow.ts'

const terminal = () => {
  const waiting: (() => void)[] = []
  const seen: number[] = []
  return {
    seen,
    write: (bytes: Uint8Array, parsed: () => void) => {
      seen.push(bytes.byteLength)
      waiting.push(parsed)
    },
    parse: (pieces = waiting.length) => {
      for (const parsed of waiting.splice(0, pieces)) parsed()
    },
  }
}
const KIB = 1024

test('a small piece is acknowledged at once, so that an idle line has no delay', () => {
  const { write } = terminal()
  let acknowledged = false
  new WriteFlow(write).receive(new Uint8Array(10), () => (acknowledged = true))
  expect(acknowledged).toBe(true)
})

test('a flood is acknowledged only as far as the terminal got', () => {
  const { write, parse } = terminal()
  const flow = new WriteFlow(write)
  let acknowledged = 0
  flow.receive(new Uint8Array(256 * KIB), () => acknowledged++)
  expect(acknowledged).toBe(0)
  parse(5)
  expect(acknowledged).toBe(0)
  parse(1)
  expect(acknowledged).toBe(1)
  expect(flow.pending).toBe(64 * KIB)
  parse()
  expect(flow.pending).toBe(0)
})

test('a long piece is cut so that the terminal can yield, and nothing is lost', () => {
  const { write, seen } = terminal()
  new WriteFlow(write).receive(new Uint8Array(100 * KIB), () => {})
  expect(Math.max(...seen)).toBeLessThanOrEqual(32 * KIB)
  expect(seen.reduce((sum, size) => sum + size, 0)).toBe(100 * KIB)
})

test('each piece is acknowledged once', () => {
  const { write, parse } = terminal()
  const flow = new WriteFlow(write)
  const acknowledged: string[] = []
  flow.receive(new Uint8Array(90 * KIB), () => acknowledged.push('a'))
  flow.receive(new Uint8Array(90 * KIB), () => acknowledged.push('b'))
  parse()
  parse()
  expect(acknowledged).toEqual(['a', 'b'])
})
