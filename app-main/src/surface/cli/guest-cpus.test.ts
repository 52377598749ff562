import { expect, it } from 'vitest'
import { RemoteError } from '../../contract/index.ts'
import { cpuNumbers } from './guest-cpus.ts'

it('numbers of processors are typed singly and as ranges', () => {
  expect(cpuNumbers(undefined, '--online')).toEqual([])
  expect(cpuNumbers('3', '--online')).toEqual([3])
  expect(cpuNumbers('1, 4-6,9', '--online')).toEqual([1, 4, 5, 6, 9])
})

it.each(['', ',', '-1', '1-', '3-1', '1;2', '0x1', '4096', '99999', 'all'])('%j is no processor', text => {
  expect(() => cpuNumbers(text, '--offline')).toThrow(RemoteError)
})
