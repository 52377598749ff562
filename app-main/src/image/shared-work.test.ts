import { describe, expect, it } from 'vitest'
import { SharedWork } from './shared-work.ts'

const turn = () => new Promise(resolve => setImmediate(resolve))
const controller = () => new AbortController()

/** Work that ends when it is told to. */
const held = () => {
  let finish: (value: string) => void = () => {}
  const seen: AbortSignal[] = []
  const work = (signal: AbortSignal, tell: (step: number) => void) => {
    seen.push(signal)
    tell(1)
    return new Promise<string>((resolve, reject) => {
      finish = resolve
      signal.addEventListener('abort', () => reject(new Error('stopped')))
    })
  }
  return { work, seen, finish: (value: string) => finish(value) }
}

describe('shared work', () => {
  it('is done once for all who want the same', async () => {
    const shared = new SharedWork<string, number>()
    const { work, seen, finish } = held()
    const steps: number[] = []
    const first = shared.join('a', controller().signal, () => {}, work)
    await turn()
    const second = shared.join('a', controller().signal, step => steps.push(step), work)
    finish('done')
    expect(await Promise.all([first, second])).toEqual(['done', 'done'])
    expect([seen.length, steps, shared.size]).toEqual([1, [1], 0])
  })

  it('goes on for the others when one leaves, and ends with the last', async () => {
    const shared = new SharedWork<string, number>()
    const { work, seen } = held()
    const [one, other] = [controller(), controller()]
    const first = shared.join('a', one.signal, () => {}, work)
    const second = shared.join('a', other.signal, () => {}, work)
    await turn()
    one.abort()
    await expect(first).rejects.toMatchObject({ detail: { kind: 'cancelled' } })
    expect(seen[0]?.aborted).toBe(false)
    other.abort()
    await expect(second).rejects.toMatchObject({ detail: { kind: 'cancelled' } })
    expect([seen[0]?.aborted, shared.size]).toEqual([true, 0])
  })

  it('begins anew after a failure, which all hear of', async () => {
    const shared = new SharedWork<string, number>()
    const fail = () => Promise.reject(new Error('no'))
    const both = [1, 2].map(() => shared.join('a', controller().signal, () => {}, fail))
    expect((await Promise.allSettled(both)).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(
      await shared.join(
        'a',
        controller().signal,
        () => {},
        async () => 'yes',
      ),
    ).toBe('yes')
  })

  it('is not begun for somebody who left before', async () => {
    const shared = new SharedWork<string, number>()
    const gone = controller()
    gone.abort()
    await expect(
      shared.join(
        'a',
        gone.signal,
        () => {},
        async () => 'x',
      ),
    ).rejects.toThrow('cancelled')
    expect(shared.size).toBe(0)
  })
})
