import type { Connection, VireoClient } from '@vireo/app-main/contract'
import { RemoteError } from '@vireo/app-main/contract'
import { expect, test } from 'vitest'
import { createConnectionsStore } from './connections.ts'
import { SESSION, SYSTEM } from './testing.ts'

const connectionOf = (uri: Connection['uri'], state: Connection['state']): Connection => ({
  ...{
    uri,
    state,
    kind: 'kvm',
    error: null,
    readOnly: false,
    retryAt: null,
    host: null,
    domainCount: 0,
    features: {},
  },
})

const clientOf = (list: () => Promise<Connection[]>) => {
  let publish: (connection: Connection) => void = () => {}
  let remove: (target: { uri: Connection['uri'] }) => void = () => {}
  const client = {
    connection: {
      list,
      changed: (listener: typeof publish) => {
        publish = listener
        return () => {}
      },
      removed: (listener: typeof remove) => {
        remove = listener
        return () => {}
      },
    },
  } as unknown as VireoClient
  return {
    client,
    publish: (connection: Connection) => publish(connection),
    remove: (uri: Connection['uri']) => remove({ uri }),
  }
}

test('what happened while the list was under way has the last word', async () => {
  let answer: (list: Connection[]) => void = () => {}
  const { client, publish, remove } = clientOf(() => new Promise(resolve => (answer = resolve)))
  const store = createConnectionsStore(client)
  const loading = store.load()
  publish(connectionOf(SYSTEM, 'ready'))
  remove(SESSION)
  answer([connectionOf(SYSTEM, 'connecting'), connectionOf(SESSION, 'ready')])
  await loading
  const { byUri, loaded } = store.state.getState()
  expect([...byUri.values()].map(({ uri, state }) => [uri, state])).toEqual([[SYSTEM, 'ready']])
  expect(loaded).toBe(true)
})

test('what happened before is not played again over a newer list', async () => {
  let state: Connection['state'] = 'connecting'
  const { client, publish } = clientOf(() => Promise.resolve([connectionOf(SYSTEM, state)]))
  const store = createConnectionsStore(client)
  publish(connectionOf(SYSTEM, 'lost'))
  await store.load()
  state = 'ready'
  await store.load()
  expect(store.state.getState().byUri.get(SYSTEM)?.state).toBe('ready')
})

test('a list that fails leaves what is known, with the reason', async () => {
  const refusal = new RemoteError({ kind: 'timeout', message: 'Nobody answered.' })
  const { client, publish } = clientOf(() => Promise.reject(refusal))
  const store = createConnectionsStore(client)
  publish(connectionOf(SYSTEM, 'ready'))
  await store.load()
  expect(store.state.getState()).toMatchObject({ error: { kind: 'timeout' }, loaded: false })
  expect(store.state.getState().byUri.size).toBe(1)
})
