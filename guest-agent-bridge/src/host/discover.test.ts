import { duplexPair } from 'node:stream'
import { RemoteError, type GuestAgentState, type GuestDialect } from '@vireo/app-main/contract'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { discover, discoverOnce } from './discover.ts'
import type { Dialect, GuestAgent } from './guest-agent.ts'
import { kvmManagerDialect } from './kvm-manager/dialect.ts'
import { FakeKvmManager } from './testing/fake-kvm-manager.ts'
import { linkTo } from './testing/scripted-link.ts'
import { CAPABILITIES, scriptedVireo } from './testing/scripted-vireo.ts'
import { ScriptedAgent, settled } from './testing/scripted-agent.ts'
import { vireoDialect } from './vireo/dialect.ts'

const signal = new AbortController().signal
const dialects = [vireoDialect, kvmManagerDialect]
const mute = () => duplexPair()[0]

const vireo = () => {
  const guest = new ScriptedAgent()
  guest.onRequest(({ id }) => guest.result(id, CAPABILITIES))
  return { open: () => guest.host }
}
const kvmManager = () => ({ open: () => new FakeKvmManager({ whitelist: [] }).host })
const states = (all: readonly GuestAgentState[]) => all.map(({ dialect, state }) => `${dialect}: ${state}`)

/** Time goes twenty times as fast, but never while the computer is busy. */
const realInterval = setInterval
let clock: NodeJS.Timeout | undefined

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  clock = realInterval(() => vi.advanceTimersByTime(200), 10)
})
afterEach(() => {
  clearInterval(clock)
  vi.useRealTimers()
})

test('several may answer, and the better one comes first', async () => {
  const link = linkTo({ [kvmManagerDialect.channel]: kvmManager(), [vireoDialect.channel]: vireo() })
  const discovery = discover(link, { dialects, signal })
  expect((await discovery.primary)?.dialect).toBe('vireo')
  expect(states(await discovery.states)).toEqual(['vireo: answering', 'kvm-manager: answering'])
  expect(discovery.agents().map(agent => agent.dialect)).toEqual(['vireo', 'kvm-manager'])
  discovery.close()
  await Promise.all(discovery.agents().map(agent => agent.closed))
})

test('channels that are missing or have nobody behind them are not waited for', async () => {
  const opened: string[] = []
  const link = linkTo({
    [vireoDialect.channel]: { connected: false, open: () => (opened.push('vireo'), mute()) },
  })
  const found = await discoverOnce(link, { dialects, signal })
  expect(states(found.agents)).toEqual(['vireo: silent', 'kvm-manager: absent'])
  expect(found.answering).toEqual([])
  expect(opened).toEqual([])
  expect(found.agents.every(({ reason }) => reason)).toBe(true)
})

test('an agent that hangs does not hold up a better one', async () => {
  const link = linkTo({ [vireoDialect.channel]: vireo(), [kvmManagerDialect.channel]: { open: mute } })
  const found = await discoverOnce(link, { dialects, signal })
  expect(states(found.agents)).toEqual(['vireo: answering', 'kvm-manager: silent'])
  expect(found.answering.map(agent => agent.dialect)).toEqual(['vireo'])
})

test('a lesser agent takes its place when a better one hangs', async () => {
  const link = linkTo({ [vireoDialect.channel]: { open: mute }, [kvmManagerDialect.channel]: kvmManager() })
  const discovery = discover(link, { dialects, signal })
  expect((await discovery.primary)?.dialect).toBe('kvm-manager')
  expect(states(await discovery.states)).toEqual(['vireo: silent', 'kvm-manager: answering'])
})

test('a channel that never opens costs its deadline, and what opens too late is closed', async () => {
  const stream = mute()
  let arrive: () => void = () => undefined
  const open = () => new Promise<typeof stream>(resolve => (arrive = () => resolve(stream)))
  const found = await discoverOnce(linkTo({ [vireoDialect.channel]: { open } }), { dialects, signal, deadlineMs: 4000 })
  expect(states(found.agents)).toEqual(['vireo: silent', 'kvm-manager: absent'])
  arrive()
  await vi.waitFor(() => expect(stream.destroyed).toBe(true))
})

test('a channel in use says by whom', async () => {
  const open = () =>
    Promise.reject(
      new RemoteError({ kind: 'busy', message: 'virt-manager has the channel.', holder: 'x', hint: 'Close it.' }),
    )
  const found = await discoverOnce(linkTo({ [vireoDialect.channel]: { open } }), { dialects, signal })
  expect(found.agents[0]?.reason).toBe('virt-manager has the channel. Close it.')
})

test('a machine whose channels cannot be listed has no agents', async () => {
  const link = {
    ...linkTo({}),
    channels: () => Promise.reject(new RemoteError({ kind: 'timeout', message: 'Too slow.' })),
  }
  const found = await discoverOnce(link, { dialects, signal })
  expect(found.agents.map(({ state, reason }) => [state, reason])).toEqual([
    ['silent', 'Too slow.'],
    ['silent', 'Too slow.'],
  ])
})

test('garbage instead of an agent is silence', async () => {
  const [host, guest] = duplexPair()
  const garble = setInterval(() => guest.write(Buffer.alloc(1000, '\u001b[31m{"a":\n\xff')), 100)
  const found = await discoverOnce(linkTo({ [vireoDialect.channel]: { open: () => host } }), { dialects, signal })
  clearInterval(garble)
  expect(states(found.agents)).toEqual(['vireo: silent', 'kvm-manager: absent'])
  expect(host.destroyed).toBe(true)
})

test('closing while an agent is being opened closes it when it comes', async () => {
  const { agent } = await scriptedVireo()
  let resolve: (agent: GuestAgent) => void = () => undefined
  const promise = new Promise<GuestAgent>(give => (resolve = give))
  const name: GuestDialect = 'vireo'
  const slow: Dialect = { name, channel: vireoDialect.channel, connect: () => promise }
  const discovery = discover(linkTo({ [vireoDialect.channel]: { open: mute } }), { dialects: [slow], signal })
  await settled()
  discovery.close()
  resolve(agent)
  expect(await discovery.primary).toBeNull()
  await agent.closed
})
