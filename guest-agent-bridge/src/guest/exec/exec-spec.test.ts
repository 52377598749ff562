import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { shellArguments } from './exec-spec.ts'

test('a short script is one argument', () => {
  expect(shellArguments('echo hi')).toEqual(['sh', '-c', 'echo hi'])
})

test('a long one comes in pieces that no argument is too small for, and means the same', () => {
  const word = '$HOME \\ " \' 😀 ü'
  const script = `printf %s '${word.replaceAll("'", '"').repeat(10_000)}'`
  const [, ...args] = shellArguments(script)
  for (const arg of args) {
    expect(Buffer.byteLength(arg)).toBeLessThan(131_072)
    // Not cut within a character.
    expect(Buffer.from(arg).toString()).toBe(arg)
  }
  const said = execFileSync('sh', args, { maxBuffer: 10_000_000 }).toString()
  expect(said).toBe(script.slice("printf %s '".length, -1))
})

test('nothing is lost between the pieces', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 40_001, maxLength: 90_000, size: 'max' }), script => {
      expect(shellArguments(script).slice(4).join('')).toBe(script)
    }),
    { numRuns: 5 },
  )
})
