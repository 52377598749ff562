import { finished } from 'node:stream/promises'
import { expect, test } from 'vitest'
import { Connection, constants, Session, type SessionOptions } from '../../app-main/src/libvirt/index.ts'
import { testDomain } from '../fixture/domain.ts'
import { privateDaemon } from '../fixture/private-daemon.ts'
import { until } from '../fixture/wait.ts'

const keepalive = { intervalMs: 200, count: 2 }

/** A session that knows the names of its domains, as its owner would. */
const follow = (uri: string, backoff?: SessionOptions['backoff']) => {
  const names = new Set<string>()
  const session = new Session(uri, {
    keepalive,
    backoff,
    deadlineMs: 2000,
    onUp: async connection => {
      connection.events.onDomainLifecycle(({ domain, event }) => {
        if (event === constants.VIR_DOMAIN_EVENT_UNDEFINED) names.delete(domain.name)
        else names.add(domain.name)
      })
      await connection.events.subscribe()
      names.clear()
      for (const { name } of await connection.domain.listAll()) names.add(name)
    },
  })
  session.open()
  return Object.assign(session, { names, [Symbol.dispose]: () => session.dispose() })
}

test('a daemon killed with a list, a stream and events open: all fail typed, and all comes back', async () => {
  await using daemon = await privateDaemon()
  await using kept = await testDomain({ uri: daemon.uri, prefix: 't-client', kind: 'blank' })
  const passing = await testDomain({ uri: daemon.uri, prefix: 't-client', kind: 'blank', start: false })
  using session = follow(daemon.uri)
  await session.settled()
  expect([...session.names].sort()).toEqual([kept.name, passing.name].sort())
  const connection = session.require()
  const console = await connection.domain.openConsole(await connection.domain.lookupByName(kept.name))
  const streaming = finished(console.resume()).catch((error: unknown) => error)
  // More than the daemon has places for, so that some are still waiting here.
  const lists = Promise.allSettled(Array.from({ length: 50 }, () => connection.domain.listAll()))
  await daemon.kill9()
  expect(await streaming).toMatchObject({ name: 'ConnectionError', trouble: 'lost' })
  for (const result of await lists) {
    if (result.status === 'rejected') expect(result.reason).toMatchObject({ trouble: 'lost' })
  }
  await until('the loss to show', () => session.status.state === 'lost', 2000)
  expect(session.status.error).toMatchObject({ kind: 'connection' })

  await daemon.restart()
  // Somebody else's change while we were away leaves no ghost behind.
  await passing.dispose()
  await until('the session to be back', () => session.status.state === 'ready', 30_000)
  await until('the list to be true', () => session.names.size === 1)
  expect([...session.names]).toEqual([kept.name])
})

test('a daemon that comes back is noticed by its socket, not by the end of a long wait', async () => {
  await using daemon = await privateDaemon()
  using session = follow(daemon.uri, { firstMs: 600_000, longestMs: 600_000 })
  await session.settled()
  await daemon.kill9()
  await until('the loss to show', () => session.status.state === 'lost')
  await daemon.restart()
  await until('the session to be back', () => session.status.state === 'ready')
})

test('a daemon that stops answering is not responding, another connection does not notice', async () => {
  await using sick = await privateDaemon()
  await using well = await privateDaemon()
  using first = follow(sick.testUri)
  using second = follow(well.testUri)
  await Promise.all([first.settled(), second.settled()])
  process.kill(sick.pid, 'SIGSTOP')
  try {
    await until('keepalive to notice', () => first.status.state === 'not-responding')
    expect(first.status.error).toMatchObject({ kind: 'connection', trouble: 'not-responding' })
    expect(second.status.state).toBe('ready')
    expect(await second.require().domain.listAll()).toHaveLength(1)
    await expect(Connection.open(sick.testUri, { deadlineMs: 200 })).rejects.toMatchObject({
      trouble: 'not-responding',
    })
  } finally {
    process.kill(sick.pid, 'SIGCONT')
  }
  first.retry()
  await until('it to be back', () => first.status.state === 'ready', 30_000)
})
