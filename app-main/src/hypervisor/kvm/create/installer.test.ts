import { describe, expect, it } from 'vitest'
import { Emitter } from '../../../base/emitter.ts'
import { RemoteError, type DomainState, type DomainSummary } from '../../../contract/index.ts'
import * as v from '../../../libvirt/generated/constants.ts'
import type { DomainsChange } from '../../driver.ts'
import type { DaemonAccess } from '../daemon-access.ts'
import { runInstaller } from './installer.ts'

const uuid = '5c2b7b6e-3f3d-4a57-9a0f-6a2a2f1f8a11'

/** A machine that runs when it is started, and ends as the test says. */
const bench = () => {
  const news = new Emitter<DomainsChange>()
  const domains = new Map<string, DomainSummary>()
  const put = (state: DomainState) => domains.set(uuid, { state, stale: false } as DomainSummary)
  let reason = 0
  const domain = {
    createXml: async () => (put('running'), { uuid, name: 'web' }),
    getState: async () => ({ state: v.VIR_DOMAIN_SHUTOFF, reason }),
  }
  const daemon = () => ({ domain })
  const access = { domains, onDomains: news.event, daemon, writable: daemon, refresh: async () => undefined }
  const gone = new AbortController()
  const operation = { signal: gone.signal, progress: () => undefined }
  const work = runInstaller(access as unknown as DaemonAccess, { uuid, xml: '<domain/>' }, operation)
  const tell = () => news.fire({ full: false, changed: [], removed: [] })
  return {
    work,
    end: (state: DomainState, why: number) => (put(state), (reason = why), tell()),
    vanish: () => (domains.delete(uuid), tell()),
    cancel: () => gone.abort(new RemoteError({ kind: 'cancelled', message: 'enough' })),
  }
}
/** After what waits has begun to wait. */
const soon = () => new Promise(resolve => setImmediate(resolve))
const failing = (kind: string) => ({ detail: { kind } })

describe('an installer', () => {
  it('is done when its guest switches the machine off', async () => {
    const { work, end } = bench()
    await soon()
    end('shutoff', v.VIR_DOMAIN_SHUTOFF_SHUTDOWN)
    await expect(work).resolves.toBeUndefined()
  })

  it.each([
    ['forced off', v.VIR_DOMAIN_SHUTOFF_DESTROYED],
    ['crashed', v.VIR_DOMAIN_SHUTOFF_CRASHED],
  ])('is not done when the machine was %s', async (_what, reason) => {
    const { work, end } = bench()
    await soon()
    end('shutoff', reason)
    await expect(work).rejects.toMatchObject(failing('precondition'))
  })

  it('is not done when the machine is gone, or nobody wants to wait', async () => {
    const one = bench()
    await soon()
    one.vanish()
    await expect(one.work).rejects.toMatchObject(failing('precondition'))
    const other = bench()
    await soon()
    other.cancel()
    await expect(other.work).rejects.toMatchObject(failing('cancelled'))
  })
})
