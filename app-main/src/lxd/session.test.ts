import { rename } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RemoteError } from '../contract/index.ts'
import { newsIn } from './events.ts'
import { LxdSession, type SessionOptions } from './session.ts'
import { lxdTarget } from './target.ts'
import { fakeLxd, silence, sync, type FakeLxd } from './testing/fake-lxd.ts'

let fake: FakeLxd
const sessions: LxdSession[] = []
beforeEach(async () => (fake = await fakeLxd()))
afterEach(async () => {
  for (const session of sessions.splice(0)) session.dispose()
  await fake[Symbol.asyncDispose]()
})

const start = (options: Partial<SessionOptions> = {}): LxdSession => {
  const session = new LxdSession(lxdTarget(fake.uri), {
    onUp: () => Promise.resolve(),
    onNews: () => undefined,
    backoff: { firstMs: 20, longestMs: 50 },
    ...options,
  })
  sessions.push(session)
  session.open()
  return session
}
const becomes = (session: LxdSession, state: string) => vi.waitFor(() => expect(session.status.state).toBe(state), 5000)

describe('a session', () => {
  it('listens before it lists, and then tells what happens', async () => {
    const news: string[] = []
    const order: string[] = []
    const session = start({
      onUp: async () => void order.push(`up with ${fake.ears.size} ear`),
      onNews: ({ names }) => news.push(...names),
    })
    await session.settled()
    expect(session.status).toMatchObject({ state: 'ready', error: null })
    expect(order).toEqual(['up with 1 ear'])
    fake.tell('instance-started', 'c1')
    fake.tell('instance-renamed', 'new', { old_name: 'old' })
    await vi.waitFor(() => expect(news).toEqual(['c1', 'new', 'old']))
  })

  it('comes back after a loss and lists again', async () => {
    const up = vi.fn<() => Promise<void>>().mockResolvedValue(undefined)
    const session = start({ onUp: up })
    await session.settled()
    const states: string[] = []
    session.onStatus(({ state }) => {
      if (state === 'lost') expect(() => session.require()).toThrow(RemoteError)
      states.push(state)
    })
    for (const ear of fake.ears) ear.terminate()
    await vi.waitFor(() => expect(states).toEqual(expect.arrayContaining(['lost', 'ready'])), 5000)
    expect(up).toHaveBeenCalledTimes(2)
  })

  it('meets a daemon that appears', async () => {
    const away = `${fake.socket}.away`
    await rename(fake.socket, away)
    const session = start({ backoff: { firstMs: 600_000, longestMs: 600_000 } })
    await session.settled()
    expect(session.status).toMatchObject({ state: 'unavailable', error: { kind: 'connection' } })
    await rename(away, fake.socket)
    await becomes(session, 'ready')
  })

  it('notices a daemon that falls silent', async () => {
    const session = start({ heartbeatMs: 30, backoff: { firstMs: 600_000, longestMs: 600_000 } })
    await session.settled()
    for (const ear of fake.ears) ear.pause()
    await becomes(session, 'not-responding')
  })

  it('says that a daemon does not trust us', async () => {
    fake.answers.set('GET /1.0', sync({ auth: 'untrusted' }))
    const session = start()
    await session.settled()
    expect(session.status).toMatchObject({ state: 'unavailable', error: { kind: 'permission' } })
  })

  it('is tried again when listing failed', async () => {
    const up = vi.fn<() => Promise<void>>().mockRejectedValueOnce(new Error('no')).mockResolvedValue(undefined)
    const session = start({ onUp: up })
    await session.settled()
    expect(session.status.state).toBe('unavailable')
    await becomes(session, 'ready')
  })

  it('ends what is under way when it is disposed', async () => {
    fake.answers.set('GET /1.0', silence)
    const session = start()
    session.dispose()
    await session.settled()
    expect(fake.ears.size).toBe(0)
    expect(session.status.state).toBe('connecting')
  })

  it('is lost when an event is longer than any', async () => {
    const session = start({ backoff: { firstMs: 600_000, longestMs: 600_000 } })
    await session.settled()
    for (const ear of fake.ears) ear.send('x'.repeat(2 * 1024 * 1024))
    await becomes(session, 'lost')
  })
})

describe('an event', () => {
  const of = (source: unknown, context: unknown = null) =>
    newsIn(JSON.stringify({ type: 'lifecycle', metadata: { action: 'a', source, context } })).names

  it.each([
    ['/1.0/instances/c1', ['c1']],
    ['/1.0/containers/c1', ['c1']],
    ['/1.0/virtual-machines/v1?project=web', ['v1']],
    ['/1.0/instances/c2/snapshots/s', ['c2']],
    ['/1.0/networks/br0', []],
    ['/1.0/instances/%E0%A4%A', []],
    [`/1.0/instances/${'x'.repeat(300)}`, []],
    [7, []],
  ])('about %s is about %j', (source, names) => expect(of(source)).toEqual(names))

  it.each(['', 'x', '[]', 'null', '{"type":"logging","metadata":{}}', '{"type":"lifecycle"}'])(
    'that is none is ignored: %j',
    text => expect(newsIn(text).names).toEqual([]),
  )

  it('tells of snapshots, whose names are none of an instance', () => {
    const news = (source: string) =>
      newsIn(JSON.stringify({ type: 'lifecycle', metadata: { action: 'a', source, context: { old_name: 'x' } } }))
    expect(news('/1.0/instances/c2/snapshots/s')).toEqual({ names: ['c2'], snapshots: true })
    expect(news('/1.0/instances/c2')).toEqual({ names: ['c2', 'x'], snapshots: false })
    expect(news('/1.0/instances/snapshots')).toMatchObject({ snapshots: false })
  })
})
