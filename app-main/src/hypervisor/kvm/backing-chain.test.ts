import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { backingChain } from './backing-chain.ts'

const run = promisify(execFile)
let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vireo-chain-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))
const at = (name: string) => join(folder, name)
const overlay = (name: string, base: string) =>
  run('qemu-img', ['create', '-q', '-u', '-f', 'qcow2', '-F', 'qcow2', '-b', base, at(name), '1M'])

it('follows a disk to what it is built on, by absolute and by relative names', async () => {
  await overlay('top', at('middle'))
  await overlay('middle', 'base')
  await run('qemu-img', ['create', '-q', '-f', 'qcow2', at('base'), '1M'])
  expect(await backingChain(at('top'))).toEqual([at('middle'), at('base')])
  expect(await backingChain(at('base'))).toEqual([])
})

it('ends where there is nothing to follow, and does not wait', async () => {
  await overlay('one', at('two'))
  await overlay('two', at('one'))
  expect(await backingChain(at('one'))).toEqual([at('two'), at('one')])
  await overlay('far', 'nbd://example.org/x')
  expect(await backingChain(at('far'))).toEqual([])
  await run('mkfifo', [at('pipe')])
  await overlay('onPipe', at('pipe'))
  expect(await backingChain(at('onPipe'))).toEqual([at('pipe')])
  const wild = Buffer.alloc(64)
  wild.writeUInt32BE(0x514649fb, 0)
  wild.writeBigUInt64BE(2n ** 63n, 8)
  wild.writeUInt32BE(1000, 16)
  await writeFile(at('wild'), wild)
  for (const name of ['wild', 'missing', 'pipe']) expect(await backingChain(at(name))).toEqual([])
  expect(await backingChain('pool//volume')).toEqual([])
})
