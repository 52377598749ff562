import { expect, test } from 'vitest'
import { trimmedBytes } from './trim.ts'

test('reads what fstrim tells, of both makers', () => {
  expect(trimmedBytes('/: 1.2 GiB (1288490188 bytes) trimmed on /dev/vda1\n')).toBe(1_288_490_188)
  expect(trimmedBytes('/data: 4096 bytes trimmed\n')).toBe(4096)
  expect(trimmedBytes('/a (9 bytes): 0 B (0 bytes) trimmed')).toBe(0)
  expect(trimmedBytes('nonsense')).toBe(0)
})
