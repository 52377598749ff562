import { describe, expect, it } from 'vitest'
import type { ConnectionUri } from '../../contract/index.ts'
import { statsOf } from './stats.ts'

const record = (values: Record<string, number | bigint | string>) => ({
  domain: { name: 'a', uuid: 'u', id: 1 },
  params: Object.entries(values).map(([field, value]) => ({ field, type: 4, value })),
})
const stats = (values: Record<string, number | bigint | string>) =>
  statsOf('qemu:///system' as ConnectionUri, record(values), 5)

describe('statsOf', () => {
  it('adds up devices and converts units', () => {
    expect(
      stats({
        'cpu.time': 2_500_000_000n,
        'vcpu.current': 2,
        'balloon.current': 1000,
        'balloon.available': 900,
        'balloon.usable': 400,
        'block.count': 2,
        'block.0.rd.bytes': 10,
        'block.1.rd.bytes': 5,
        'block.0.name': 'vda',
        'net.count': 1,
        'net.0.rx.bytes': 7,
        'net.0.tx.bytes': 8,
      }),
    ).toEqual({
      id: 'u@qemu:///system',
      at: 5,
      cpuSeconds: 2.5,
      vcpus: 2,
      memoryUsedBytes: 500 * 1024,
      memoryBytes: 1000 * 1024,
      diskReadBytes: 15,
      diskWriteBytes: null,
      netReceiveBytes: 7,
      netTransmitBytes: 8,
    })
  })

  it('does not make up what it was not told', () => {
    expect(stats({})).toMatchObject({ cpuSeconds: null, memoryUsedBytes: null, memoryBytes: null, diskReadBytes: null })
  })

  it('does not loop for ever over a count that no machine has', () => {
    expect(stats({ 'block.count': 2 ** 53 }).diskReadBytes).toBeNull()
  })
})
