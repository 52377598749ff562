import { once } from 'node:events'
import { Duplex } from 'node:stream'
import { setImmediate as tick } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { ownCopy } from '../../base/own-copy.ts'
import { letGo } from '../../contract/index.ts'
import { SharedLine } from './shared-line.ts'

const LIMITS = { backlogBytes: 64, bufferBytes: 1024, stallMs: 20 }

class Raw extends Duplex {
  readonly written: string[] = []
  override _read(): void {}
  override _write(bytes: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.written.push(bytes.toString())
    done()
  }
}

const collect = (stream: Duplex): { text: () => string } => {
  let text = ''
  stream.on('data', (bytes: Buffer) => (text += bytes.toString()))
  return { text: () => text }
}

describe('SharedLine', () => {
  it('gives all output to all, and takes input from any', async () => {
    const raw = new Raw()
    const line = new SharedLine(raw, () => undefined, LIMITS)
    const [a, b] = [line.attach(), line.attach()]
    const [heardA, heardB] = [collect(a), collect(b)]
    raw.push('hello')
    a.write('from a')
    b.write('from b')
    await tick()
    expect([heardA.text(), heardB.text()]).toEqual(['hello', 'hello'])
    expect(raw.written).toEqual(['from a', 'from b'])
  })

  it('gives each reader bytes of its own, which another one may let go', async () => {
    const raw = new Raw()
    const line = new SharedLine(raw, () => undefined, LIMITS)
    const heard = ['', '', '']
    for (const index of heard.keys())
      line.attach().on('data', (bytes: Buffer) => {
        heard[index] += bytes.toString()
        letGo(bytes)
      })
    for (const word of ['one ', 'two']) raw.push(ownCopy(Buffer.from(word)))
    await tick()
    expect(heard).toEqual(['one two', 'one two', 'one two'])
    expect(String(line.attach().read())).toBe('one two')
  })

  it('shows a newcomer what was before, from the beginning of a line, within its limit', async () => {
    const raw = new Raw()
    const line = new SharedLine(raw, () => undefined, LIMITS)
    line.attach().resume()
    raw.push(`${'x'.repeat(100)}\nlast line`)
    await tick()
    const late = collect(line.attach())
    await tick()
    expect(late.text()).toBe('last line')
  })

  it('is paced by a reader that is alone, without ever dropping it', async () => {
    const raw = new Raw()
    const line = new SharedLine(raw, () => undefined, LIMITS)
    const reader = line.attach()
    raw.push(Buffer.alloc(4096))
    await tick()
    expect(raw.isPaused()).toBe(true)
    await new Promise(resolve => setTimeout(resolve, 3 * LIMITS.stallMs))
    expect(reader.destroyed).toBe(false)
    reader.resume()
    await tick()
    await tick()
    expect(raw.isPaused()).toBe(false)
  })

  it('drops a reader that stands still while others wait, and tells it why', async () => {
    const raw = new Raw()
    const line = new SharedLine(raw, () => undefined, LIMITS)
    const slow = line.attach()
    const quick = line.attach()
    const heard = collect(quick)
    raw.push('y'.repeat(4096))
    const [error] = (await once(slow, 'error')) as [Error]
    expect(error).toMatchObject({ detail: { kind: 'refused' } })
    raw.push('after')
    await tick()
    await tick()
    expect(heard.text().endsWith('after')).toBe(true)
  })

  it('ends for all when the raw line ends, and fails for all when it fails', async () => {
    const ending = new Raw()
    const ended = new SharedLine(ending, () => undefined, LIMITS)
    const ends = [ended.attach(), ended.attach()].map(reader => once(reader.resume(), 'end'))
    ending.push(null)
    await Promise.all(ends)
    const late = ended.attach()
    await once(late.resume(), 'end')

    const failing = new Raw()
    const failed = new SharedLine(failing, () => undefined, LIMITS)
    const failure = once(failed.attach(), 'error')
    failing.destroy(new Error('gone'))
    expect(await failure).toMatchObject([{ message: 'gone' }])
  })

  it('lets the raw line go when the last reader left, once', async () => {
    const raw = new Raw()
    let idle = 0
    const line = new SharedLine(raw, () => idle++, LIMITS)
    const [a, b] = [line.attach(), line.attach()]
    a.destroy()
    await tick()
    expect([raw.destroyed, idle]).toEqual([false, 0])
    b.destroy()
    await once(raw, 'close')
    await tick()
    expect([line.ended, idle]).toEqual([true, 1])
  })
})
