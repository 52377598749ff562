import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import { contract, RemoteError } from '../../contract/index.ts'
import { inputOf, needsConnections } from './command-spec.ts'
import { importLine } from './image-import.ts'

it('takes a file from the folder one stands in, and opens no connection for it', () => {
  const { spec, line } = importLine(['disk.vmdk'], { name: 'mine', raw: undefined })
  expect(line).toEqual({ args: [resolve('disk.vmdk')], given: { name: 'mine' }, connections: [] })
  expect(needsConnections(spec)).toBe(false)
  const input = inputOf(spec, { path: line.args[0] ?? '' }, line.given)
  expect(contract.image.import.input.parse(input)).toMatchObject({ path: resolve('disk.vmdk'), name: 'mine' })
})

it('takes a machine by its name, and opens the connections that may have it', () => {
  const { spec, line } = importLine([], { machine: 'web', disk: 'vdb', connection: ['qemu:///system'] })
  expect(line).toEqual({ args: ['web'], given: { disk: 'vdb' }, connections: ['qemu:///system'] })
  expect(needsConnections(spec)).toBe(true)
  const input = inputOf(spec, { machine: 'key@qemu:///system' }, line.given)
  expect(contract.image.import.input.parse(input)).toMatchObject({ machine: 'key@qemu:///system', disk: 'vdb' })
})

it.each([
  ['nothing', [], {}],
  ['both', ['disk.raw'], { machine: 'web' }],
  ['a disk of a file', ['disk.raw'], { disk: 'vda' }],
  ['the kind of a machine’s disk', [], { machine: 'web', raw: true }],
])('refuses %s', (_what, words, options) => {
  expect(() => importLine(words, options)).toThrow(RemoteError)
})

it.each([
  ['neither', {}],
  ['both', { path: '/a', machine: 'x@qemu:///system' }],
  ['a disk of a file', { path: '/a', disk: 'vda' }],
  ['a disk that is none', { machine: 'x@qemu:///system', disk: '../etc' }],
])('the contract refuses %s, too', (_what, input) => {
  expect(contract.image.import.input.safeParse(input).success).toBe(false)
})
