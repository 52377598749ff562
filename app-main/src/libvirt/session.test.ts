import { afterEach, expect, test, vi } from 'vitest'
import type { Connection } from './connection.ts'
import { ConnectionError, PermissionError } from './errors.ts'
import { connectGetHostname, connectOpen } from './generated/remote-procedures.ts'
import { Session, type SessionOptions } from './session.ts'
import { FakeLibvirtd } from './testing/fake-libvirtd.ts'
import type { Dial } from './transport.ts'

const sessions: Session[] = []
afterEach(() => {
  for (const session of sessions.splice(0)) session.dispose()
})

/** A socket that nobody else on this computer uses. */
const URI = 'qemu:///system?socket=/nonexistent/vireo-test/sock'

const start = (options: Partial<SessionOptions>) => {
  const onUp = vi.fn(async (_connection: Connection) => undefined)
  const backoff = { firstMs: 5, longestMs: 20 }
  const session = new Session(URI, { onUp, backoff, keepalive: null, ...options })
  sessions.push(session)
  const states: string[] = []
  session.onStatus(({ state }) => states.at(-1) === state || states.push(state))
  session.open()
  return { session, onUp: (options.onUp as typeof onUp | undefined) ?? onUp, states }
}

const failing =
  (errors: Error[], daemon: FakeLibvirtd): Dial =>
  async (target, options) => {
    const error = errors.shift()
    if (error) throw error
    return daemon.dial(target, options)
  }

test('a session is ready once its owner has taken stock', async () => {
  let release: (value: undefined) => void = () => undefined
  const stock = new Promise<undefined>(resolve => (release = resolve))
  const onUp = vi.fn(() => stock)
  const { session } = start({ dial: new FakeLibvirtd().dial, onUp })
  await vi.waitFor(() => expect(onUp).toHaveBeenCalled())
  expect(session.status.state).toBe('connecting')
  release(undefined)
  await session.settled()
  expect(session.status).toMatchObject({ state: 'ready', error: null, retryAt: null, readOnly: false })
  expect(session.require()).toBe(session.connection)
})

test('a daemon that goes away is lost, comes back, and its owner resyncs', async () => {
  const daemon = new FakeLibvirtd()
  const { session, onUp, states } = start({ dial: daemon.dial })
  await session.settled()
  const first = session.connection
  daemon.client.pipe.end()
  await vi.waitFor(() => expect(onUp).toHaveBeenCalledTimes(2))
  await vi.waitFor(() => expect(session.status.state).toBe('ready'))
  expect(session.connection).not.toBe(first)
  expect(states).toEqual(['connecting', 'ready', 'lost', 'ready'])
})

test('while it is lost, asking for the connection tells why', async () => {
  const daemon = new FakeLibvirtd()
  const { session } = start({ dial: daemon.dial, backoff: { firstMs: 60_000, longestMs: 60_000 } })
  await session.settled()
  daemon.client.pipe.end()
  await vi.waitFor(() => expect(session.status.state).toBe('lost'))
  expect(session.status.retryAt).toBeGreaterThan(Date.now())
  expect(() => session.require()).toThrow('The daemon ended the connection')
  session.retry()
  await vi.waitFor(() => expect(session.status.state).toBe('ready'))
})

test('a daemon that is not there is unavailable with its reason, and tried again', async () => {
  const missing = new ConnectionError('not-running', 'nobody answers')
  const { session } = start({ dial: failing([missing], new FakeLibvirtd()) })
  await session.settled()
  expect(session.status).toMatchObject({ state: 'unavailable', error: { kind: 'connection', trouble: 'not-running' } })
  await vi.waitFor(() => expect(session.status.state).toBe('ready'))
})

test('a daemon that never answers is not responding', async () => {
  const daemon = new FakeLibvirtd().on(connectOpen, () => undefined)
  const { session } = start({ dial: daemon.dial, deadlineMs: 10 })
  await session.settled()
  expect(session.status).toMatchObject({ state: 'not-responding', error: { trouble: 'not-responding' } })
})

test('a driver without a daemon is not tried again', async () => {
  const hopeless = new ConnectionError('unsupported-driver', 'no daemon')
  const { session } = start({ dial: failing([hopeless], new FakeLibvirtd()) })
  await session.settled()
  expect(session.status).toMatchObject({ state: 'unavailable', retryAt: null })
})

test('where full access would ask for a password it looks only, until it is unlocked', async () => {
  const daemon = new FakeLibvirtd()
  let locked = true
  const dial: Dial = async (target, options) => {
    if (locked && !options.readOnly) throw new PermissionError('no', { action: 'org.libvirt.unix.manage' })
    return daemon.dial(target, options)
  }
  const { session, onUp } = start({ dial })
  await session.settled()
  expect(session.status).toMatchObject({ state: 'ready', readOnly: true })
  await expect(session.unlock()).rejects.toMatchObject({ detail: { kind: 'permission' } })
  expect(session.status).toMatchObject({ state: 'ready', readOnly: true })
  locked = false
  await session.unlock()
  expect(session.status).toMatchObject({ state: 'ready', readOnly: false })
  expect(onUp).toHaveBeenCalledTimes(2)
})

test('an unlocked connection that cannot be taken stock of leaves the owner with the old one', async () => {
  const daemon = new FakeLibvirtd()
  const dial: Dial = async (target, options) => daemon.dial(target, options)
  const onUp = vi.fn(async (connection: Connection) => {
    if (!connection.readOnly) throw new Error('not today')
  })
  const { session } = start({ dial, onUp, access: 'read-only' })
  await session.settled()
  const looking = session.require()
  await expect(session.unlock()).rejects.toThrow('not today')
  expect(onUp.mock.lastCall?.[0]).toBe(looking)
  expect(session.status).toMatchObject({ state: 'ready', readOnly: true })
})

test('when taking stock fails the connection is given up and tried again', async () => {
  const daemon = new FakeLibvirtd()
  let failures = 1
  const onUp = vi.fn(async (connection: Connection) => {
    if (failures-- > 0) await connection.node.getHostname()
  })
  daemon.on(connectGetHostname, request => request.fail(1, 'not today'))
  const { session } = start({ dial: daemon.dial, onUp })
  await session.settled()
  expect(session.status).toMatchObject({ state: 'unavailable', error: { kind: 'libvirt' } })
  await vi.waitFor(() => expect(session.status.state).toBe('ready'))
})

test('a disposed session stays quiet', async () => {
  const daemon = new FakeLibvirtd()
  const { session, onUp } = start({ dial: daemon.dial })
  await session.settled()
  session.dispose()
  session.retry()
  await vi.waitFor(() => expect(daemon.client.pipe.readableEnded || daemon.client.pipe.destroyed).toBe(true))
  expect(session.connection).toBeUndefined()
  expect(onUp).toHaveBeenCalledTimes(1)
})
