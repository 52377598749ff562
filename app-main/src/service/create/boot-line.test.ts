import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { RemoteError } from '../../contract/index.ts'
import { SharedLine } from '../../hypervisor/share/shared-line.ts'
import { bootLineOf } from './boot-line.ts'

const { signal } = new AbortController()
const settled = () => new Promise<void>(resolve => void setImmediate(resolve))

describe('the serial line of a machine that starts', () => {
  it('is heard beside the person who has it open, who notices nothing and keeps it', async () => {
    const guest = new PassThrough()
    const shared = new SharedLine(guest)
    const person = shared.attach()
    const seen: string[] = []
    person.on('data', (bytes: Buffer) => seen.push(bytes.toString()))
    const line = bootLineOf(async () => shared.attach())
    expect(line.phase(signal)).toBeNull()
    await settled()
    guest.write('[    0.000000] Linux version 6.1\n')
    await expect.poll(() => line.phase(signal)?.phase).toBe('kernel')
    line.leave()
    await settled()
    guest.write('web login: ')
    await expect.poll(() => seen.join('')).toContain('web login: ')
    expect([shared.ended, line.phase(signal)?.phase]).toEqual([false, 'kernel'])
    person.destroy()
  })

  it('is asked for again when another program has it, not at once, and never where there is none', async () => {
    let time = 0
    const asked: number[] = []
    const busy = bootLineOf(
      async () => {
        asked.push(time)
        throw new RemoteError({ kind: 'busy', message: 'No.', holder: 'another program' })
      },
      () => time,
    )
    for (time = 0; time <= 30_000; time += 1000) {
      expect(busy.phase(signal)).toBeNull()
      await settled()
    }
    expect(asked).toEqual([0, 10_000, 20_000, 30_000])
    let times = 0
    const none = bootLineOf(
      async () => {
        times++
        throw new RemoteError({ kind: 'unsupported', message: 'No.' })
      },
      () => times * 1e6,
    )
    none.phase(signal)
    await settled()
    none.phase(signal)
    await settled()
    expect(times).toBe(1)
  })

  it('is closed when it opens after nobody waits any more, and its failures are no news', async () => {
    const late = new PassThrough()
    const line = bootLineOf(async () => late)
    line.phase(signal)
    line.leave()
    await settled()
    expect(late.destroyed).toBe(true)
    const failing = new PassThrough()
    const other = bootLineOf(async () => failing)
    other.phase(signal)
    await settled()
    failing.destroy(new Error('the daemon is gone'))
    await settled()
    expect(other.phase(signal)).toBeNull()
  })
})
