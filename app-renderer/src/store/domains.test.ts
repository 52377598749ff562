import type { DomainSummary, VireoClient } from '@vireo/app-main/contract'
import { RemoteError } from '@vireo/app-main/contract'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createDomainsStore } from './domains.ts'
import { domainOf, SESSION, SYSTEM } from './testing.ts'

type Change = Parameters<Parameters<VireoClient['domain']['changed']>[0]>[0]

const clientOf = (list: () => Promise<DomainSummary[]>) => {
  let publish: (change: Change) => void = () => {}
  let remove: (target: { uri: typeof SYSTEM }) => void = () => {}
  const client = {
    domain: {
      list,
      changed: (listener: typeof publish) => {
        publish = listener
        return () => {}
      },
    },
    connection: {
      removed: (listener: typeof remove) => {
        remove = listener
        return () => {}
      },
    },
  } as unknown as VireoClient
  return { client, publish: (change: Change) => publish(change), remove: (uri: typeof SYSTEM) => remove({ uri }) }
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('a burst of events is one change', () => {
  const { client, publish } = clientOf(() => Promise.resolve([]))
  const store = createDomainsStore(client)
  const seen = vi.fn()
  store.state.subscribe(seen)
  for (const name of ['a', 'b', 'c'])
    publish({ connection: SYSTEM, full: false, changed: [domainOf(name)], removed: [] })
  vi.runAllTimers()
  expect(seen).toHaveBeenCalledTimes(1)
  expect(store.state.getState().byId.size).toBe(3)
})

test('what happened while the list was under way has the last word', async () => {
  let answer: (list: DomainSummary[]) => void = () => {}
  const { client, publish } = clientOf(() => new Promise(resolve => (answer = resolve)))
  const store = createDomainsStore(client)
  const loading = store.load()
  publish({ connection: SYSTEM, full: false, changed: [domainOf('a', { state: 'shutoff' })], removed: [] })
  vi.runAllTimers()
  answer([domainOf('a')])
  await loading
  expect([...store.state.getState().byId.values()].map(domain => domain.state)).toEqual(['shutoff'])
})

test('a failed list keeps what is known and says why', async () => {
  const lists = [
    () => Promise.resolve([domainOf('a')]),
    () => Promise.reject(new RemoteError({ kind: 'timeout', message: 'late' })),
  ]
  const { client } = clientOf(() => lists.shift()?.() ?? Promise.resolve([]))
  const store = createDomainsStore(client)
  await store.load()
  await store.load()
  expect(store.state.getState()).toMatchObject({ loaded: true, error: { kind: 'timeout', message: 'late' } })
  expect(store.state.getState().byId.size).toBe(1)
})

test('the machines of a removed connection go with it', async () => {
  const { client, remove } = clientOf(() => Promise.resolve([domainOf('a'), domainOf('b', { connection: SESSION })]))
  const store = createDomainsStore(client)
  await store.load()
  remove(SYSTEM)
  vi.runAllTimers()
  expect([...store.state.getState().byId.values()].map(domain => domain.name)).toEqual(['b'])
})
