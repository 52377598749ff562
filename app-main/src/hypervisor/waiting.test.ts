import { describe, expect, it } from 'vitest'
import { RemoteError, type DomainSummary } from '../contract/index.ts'
import { Emitter } from '../base/emitter.ts'
import type { DomainsChange } from './driver.ts'
import { waitForDomain } from './waiting.ts'

const late = () => new RemoteError({ kind: 'timeout', message: 'late' })

const world = (first: Partial<DomainSummary>) => {
  const emitter = new Emitter<DomainsChange>()
  const domains = new Map<string, DomainSummary>([['k', first as DomainSummary]])
  const set = (facts: Partial<DomainSummary> | null) => {
    if (facts === null) domains.delete('k')
    else domains.set('k', facts as DomainSummary)
    emitter.fire({ full: false, changed: [], removed: [] })
  }
  return { connection: { domains, onDomains: emitter.event }, set, emitter }
}

const running = (one: DomainSummary | undefined) => one?.state === 'running'

describe('waitForDomain', () => {
  const patient = { deadlineMs: 5000, signal: new AbortController().signal, late }

  it('resolves at once when it holds, and listens no longer', async () => {
    const { connection, emitter } = world({ state: 'running' })
    await waitForDomain(connection, 'k', running, patient)
    expect(emitter.used).toBe(false)
  })

  it('resolves by the event', async () => {
    const { connection, set } = world({ state: 'shutoff' })
    const waiting = waitForDomain(connection, 'k', running, patient)
    set({ state: 'paused' })
    set({ state: 'running' })
    await waiting
  })

  it('does not believe what is known from before the loss', async () => {
    const { connection, set } = world({ state: 'running', stale: true })
    let done = false
    const waiting = waitForDomain(connection, 'k', running, patient).then(() => (done = true))
    set({ state: 'running', stale: true })
    await Promise.resolve()
    expect(done).toBe(false)
    set({ state: 'running', stale: false })
    await waiting
  })

  it('can wait for a machine to go away', async () => {
    const { connection, set } = world({ state: 'running' })
    const waiting = waitForDomain(connection, 'k', one => one === undefined, patient)
    set(null)
    await waiting
  })

  it('rejects at its deadline, and listens no longer', async () => {
    const { connection, emitter } = world({ state: 'shutoff' })
    await expect(waitForDomain(connection, 'k', running, { ...patient, deadlineMs: 5 })).rejects.toThrow('late')
    expect(emitter.used).toBe(false)
  })

  it('rejects with the reason of who gave up, also when that was before', async () => {
    const { connection } = world({ state: 'shutoff' })
    const why = new RemoteError({ kind: 'timeout', message: 'the task took too long' })
    await expect(waitForDomain(connection, 'k', running, { ...patient, signal: AbortSignal.abort(why) })).rejects.toBe(
      why,
    )
    await expect(
      waitForDomain(connection, 'k', running, { ...patient, signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ detail: { kind: 'cancelled' } })
  })
})
