import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { domainId, ForwardId, type ForwardRule } from '../../contract/index.ts'
import { Forwarder, isLoopback, statusIn } from './forwarder.ts'
import { clientOf, echo, endOf, freePort, guestAt, lineOf } from './testing.ts'
import type { Finder, Whereabouts } from './whereabouts.ts'

// Two addresses of machines, which this computer has without being asked.
const [FIRST, SECOND] = ['127.0.0.2', '127.0.0.3']

describe('a forward', () => {
  let folder = ''
  let where: Whereabouts = { kind: 'off', reason: 'off' }
  const forwarders: Forwarder[] = []
  const changed = vi.fn<() => void>()
  const finder: Finder = { knows: () => true, glance: () => JSON.stringify(where), where: async () => where }
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'forward-'))
    where = { kind: 'off', reason: 'off' }
  })
  afterEach(async () => {
    for (const forwarder of forwarders.splice(0)) await forwarder.dispose()
    await rm(folder, { recursive: true })
  })
  const ruleTo = async (guestPort: number): Promise<ForwardRule> => ({
    ...{ id: ForwardId.parse('00000000'), domain: domainId('k', 'memory:///x'), name: 'web', protocol: 'tcp' },
    ...{ address: '127.0.0.1', port: await freePort(), guestAddress: null, guestPort },
  })
  const start = (rule: ForwardRule): Forwarder => {
    const forwarder = new Forwarder({ rule, finder, socket: join(folder, 'one.sock'), onChange: changed })
    forwarders.push(forwarder)
    return forwarder
  }
  const reaches = (forwarder: Forwarder, state: string) =>
    vi.waitFor(() => expect(forwarder.status).toMatchObject({ state }), { timeout: 10_000 })
  const move = (to: Whereabouts): void => {
    where = to
    for (const forwarder of forwarders) forwarder.news()
  }

  it('refuses while the machine is off, leads there when it runs, and cuts when it goes', async () => {
    await using guest = await guestAt(FIRST, echo('web'))
    const rule = await ruleTo(guest.port)
    const forwarder = start(rule)
    await reaches(forwarder, 'off')
    expect(await endOf(clientOf(rule.port))).toMatchObject({ code: 'ECONNREFUSED' })
    move({ kind: 'at', ips: [FIRST] })
    await reaches(forwarder, 'listening')
    const client = clientOf(rule.port)
    expect(await lineOf(client)).toBe('web')
    await vi.waitFor(() => expect(forwarder.status).toMatchObject({ target: FIRST, connections: 1, pid: process.pid }))
    move({ kind: 'off', reason: 'off' })
    expect(await endOf(client)).toMatchObject({ code: 'ECONNRESET' })
    await reaches(forwarder, 'off')
    expect(await endOf(clientOf(rule.port))).toMatchObject({ code: 'ECONNREFUSED' })
    await vi.waitFor(() => expect(changed).toHaveBeenCalled())
  })

  it('goes where the machine is now, and takes nobody along who talks to the old address', async () => {
    await using first = await guestAt(FIRST, echo('first'))
    await using second = await guestAt(SECOND, echo('second'), first.port)
    where = { kind: 'at', ips: [FIRST] }
    const rule = await ruleTo(first.port)
    const forwarder = start(rule)
    await reaches(forwarder, 'listening')
    const client = clientOf(rule.port)
    expect(await lineOf(client)).toBe('first')
    move({ kind: 'at', ips: [SECOND] })
    expect(await endOf(client)).toMatchObject({ code: 'ECONNRESET' })
    expect(second.sockets).toEqual([])
    expect(await lineOf(clientOf(rule.port))).toBe('second')
  })

  it('tries the other addresses of a machine when one does not answer', async () => {
    await using guest = await guestAt(SECOND, echo('there'))
    where = { kind: 'at', ips: ['255.255.255.255', SECOND] }
    const rule = await ruleTo(guest.port)
    await reaches(start(rule), 'listening')
    expect(await lineOf(clientOf(rule.port))).toBe('there')
  })

  it.each(['unreachable', 'no-address'] as const)('goes on while nobody can say more (%s), and says so', async kind => {
    await using guest = await guestAt(FIRST, echo('web'))
    where = { kind: 'at', ips: [FIRST] }
    const rule = await ruleTo(guest.port)
    const forwarder = start(rule)
    await reaches(forwarder, 'listening')
    move({ kind, reason: 'it is lost' })
    await vi.waitFor(() => expect(forwarder.status).toMatchObject({ state: 'listening', reason: 'it is lost' }))
    expect(await lineOf(clientOf(rule.port))).toBe('web')
  })

  it('waits for a port that somebody else has, and for an address that comes late', async () => {
    await using guest = await guestAt(FIRST, echo('web'))
    const rule = await ruleTo(guest.port)
    const squatter = await guestAt('127.0.0.1', echo(), rule.port)
    where = { kind: 'at', ips: [FIRST] }
    const forwarder = start(rule)
    await reaches(forwarder, 'port-in-use')
    expect(forwarder.status.reason).toContain('in use')
    await squatter[Symbol.asyncDispose]()
    await reaches(forwarder, 'listening')
    move({ kind: 'off', reason: 'off' })
    await reaches(forwarder, 'off')
    move({ kind: 'no-address', reason: 'not yet' })
    await reaches(forwarder, 'no-address')
    // Nobody tells of it.
    where = { kind: 'at', ips: [FIRST] }
    await reaches(forwarder, 'listening')
  })

  it('is served by one of several processes; the others know how it goes and take over', async () => {
    await using guest = await guestAt(FIRST, echo('web'))
    where = { kind: 'at', ips: [FIRST] }
    const rule = await ruleTo(guest.port)
    const first = start(rule)
    await reaches(first, 'listening')
    const second = start(rule)
    await reaches(second, 'listening')
    const client = clientOf(rule.port)
    await lineOf(client)
    await vi.waitFor(() => expect(second.status).toEqual(first.status))
    expect(second.status).toMatchObject({ connections: 1, target: FIRST })
    forwarders.splice(forwarders.indexOf(first), 1)
    await first.dispose()
    expect(await endOf(client)).toMatchObject({ code: 'ECONNRESET' })
    await vi.waitFor(() => expect(second.status).toMatchObject({ state: 'listening', connections: 0, total: 0 }))
    expect(await lineOf(clientOf(rule.port))).toBe('web')
  })

  it('frees its port at once when it ends, also while it still asks where the machine is', async () => {
    let asked = false
    const slow: Finder = {
      ...finder,
      where: (_, signal) => {
        asked = true
        return new Promise(resolve =>
          signal.addEventListener('abort', () => resolve({ kind: 'at', ips: [FIRST] }), { once: true }),
        )
      },
    }
    const rule = await ruleTo(1)
    const forwarder = new Forwarder({ rule, finder: slow, socket: join(folder, 'two.sock'), onChange: changed })
    await vi.waitFor(() => expect(asked).toBe(true))
    await forwarder.dispose()
    expect(await endOf(clientOf(rule.port))).toMatchObject({ code: 'ECONNREFUSED' })
  })
})

describe('words of others', () => {
  it.each(['', 'null', '{}', '{"state":"fine"}', '{"state":"listening","pid":"x"}'])('that are none: %s', line => {
    expect(statusIn(line)).toMatchObject({ state: 'starting', pid: null })
  })

  it.each([
    ['127.0.0.1', true],
    ['127.9.9.9', true],
    ['::1', true],
    ['0:0:0:0:0:0:0:1', true],
    ['0.0.0.0', false],
    ['::', false],
    ['::2', false],
    ['fe80::1', false],
    ['192.168.1.1', false],
  ])('%s is this computer alone: %s', (address, expected) => expect(isLoopback(address)).toBe(expected))
})
