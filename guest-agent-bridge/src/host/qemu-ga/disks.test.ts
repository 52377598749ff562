import { expect, it } from 'vitest'
import { refused, ScriptedQemuGa } from '../testing/scripted-qemu-ga.ts'

const asking = { signal: new AbortController().signal }
const DISKS = [
  { name: '/dev/vda', partition: false, address: { serial: 'abc', 'bus-type': 'virtio' }, dependencies: [] },
  { name: '/dev/vda1', partition: true, dependencies: ['/dev/vda'] },
]
const uncounted = { readBytes: null, writtenBytes: null, reads: null, writes: null }

it('disks come with what was read and written, in bytes', async () => {
  const stats = { 'read-sectors': 20, 'read-ios': 3, 'write-sectors': 2 ** 45, 'write-ios': 4, 'io-ticks': 1 }
  const agent = await new ScriptedQemuGa()
    .on('guest-get-disks', () => DISKS)
    .on('guest-get-diskstats', () => [{ name: 'vda', major: 254, minor: 0, stats }])
    .connect()
  expect(await agent.disks(asking)).toEqual([
    { name: '/dev/vda', partition: false, serial: 'abc', readBytes: 10_240, writtenBytes: null, reads: 3, writes: 4 },
    { name: '/dev/vda1', partition: true, serial: null, ...uncounted },
  ])
})

it('an older qemu-ga, or one that counts nonsense, tells of its disks without counters', async () => {
  for (const answer of [() => [{ name: 'vda', stats: { 'read-sectors': -1 } }], () => 'x']) {
    const agent = await new ScriptedQemuGa()
      .on('guest-get-disks', () => DISKS)
      .on('guest-get-diskstats', answer)
      .connect()
    expect((await agent.disks(asking))[0]).toMatchObject(uncounted)
  }
  const old = new ScriptedQemuGa()
    .on('guest-get-disks', () => DISKS)
    .on('guest-get-diskstats', () => {
      throw refused('The command guest-get-diskstats has not been found')
    })
  expect(await (await old.connect()).disks(asking)).toHaveLength(2)
})
