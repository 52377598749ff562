import { RemoteError } from '@vireo/app-main/contract'
import * as v from 'valibot'
import { afterEach, expect, test, vi } from 'vitest'
import { RpcClient, type RpcOptions } from './rpc-client.ts'
import { ScriptedAgent, settled } from './testing/scripted-agent.ts'

const open = (options: Partial<RpcOptions> = {}) => {
  const agent = new ScriptedAgent()
  const client = new RpcClient({ stream: agent.host, concurrency: 8, ...options })
  const ask = (
    method: string,
    more: { deadlineMs?: number; signal?: AbortSignal; params?: Record<string, unknown> } = {},
  ) =>
    client.ask({
      method,
      schema: v.pipe(v.number(), v.finite()),
      deadlineMs: 20_000,
      signal: new AbortController().signal,
      ...more,
    })
  return { agent, client, ask }
}

/** The kind it failed with, or what it gave. */
const outcome = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.catch((error: unknown) => (error instanceof RemoteError ? error.detail.kind : error))

afterEach(() => {
  vi.useRealTimers()
})

test('concurrent questions get their own answers in whatever order they come', async () => {
  const { agent, ask } = open()
  const answers = [ask('one'), ask('two')]
  const [one, two] = [await agent.next(), await agent.next()]
  agent.result(two.id, 2)
  agent.result(one.id, 1)
  expect(await Promise.all(answers)).toEqual([1, 2])
})

test('a sequential agent is asked one thing at a time, in order', async () => {
  const { agent, ask } = open({ concurrency: 1 })
  const answers = [ask('one'), ask('two')]
  const one = await agent.next()
  await settled()
  expect(agent.heard).toEqual([])
  agent.result(one.id, 1)
  agent.result((await agent.next()).id, 2)
  expect(await Promise.all(answers)).toEqual([1, 2])
})

test('two conversations never share an id', async () => {
  const [one, two] = [open(), open()]
  const asked = [one, two].map(({ ask }) => ask('x'))
  const ids = [(await one.agent.next()).id, (await two.agent.next()).id]
  expect(new Set(ids.map(id => id.split('-')[0])).size).toBe(2)
  one.agent.result(ids[1] ?? '', 666)
  one.agent.result(ids[0] ?? '', 1)
  two.agent.result(ids[1] ?? '', 2)
  expect(await Promise.all(asked)).toEqual([1, 2])
  expect(one.client.counters.foreign).toBe(1)
})

test('repeated and late answers are counted and nothing else', async () => {
  vi.useFakeTimers()
  const { agent, client, ask } = open()
  const late = outcome(ask('slow', { deadlineMs: 1000 }))
  const { id } = await agent.next()
  await vi.advanceTimersByTimeAsync(1000)
  expect(await late).toBe('timeout')
  agent.result(id, 1)
  const good = ask('quick')
  const next = await agent.next()
  agent.result(next.id, 2)
  agent.result(next.id, 3)
  expect(await good).toBe(2)
  await vi.advanceTimersByTimeAsync(10)
  expect(client.counters.unexpected).toBe(2)
})

test('an agent that always answers the previous question never deceives a sequential host', async () => {
  vi.useFakeTimers()
  const { agent, ask } = open({ concurrency: 1 })
  let previous = ''
  agent.onRequest(({ id }) => {
    if (previous) agent.result(previous, 13)
    previous = id
  })
  const answers = [1, 2, 3].map(() => outcome(ask('x', { deadlineMs: 10_000 })))
  for (let turn = 0; turn < 3; turn++) await vi.advanceTimersByTimeAsync(10_000)
  expect(await Promise.all(answers)).toEqual(['timeout', 'timeout', 'timeout'])
})

test.each([
  [-32601, 'unsupported'],
  [-32602, 'invalid-input'],
  [-32000, 'refused'],
  [-32001, 'permission'],
  [-32002, 'not-found'],
  [-32003, 'timeout'],
  [-32004, 'busy'],
  [-32005, 'precondition'],
  [12345, 'refused'],
])('the code %d becomes the kind %s', async (code, kind) => {
  const { agent, ask } = open()
  const asked = outcome(ask('x'))
  agent.error((await agent.next()).id, code, 'because')
  expect(await asked).toBe(kind)
})

test("the agent's words are shown without what a terminal would obey", async () => {
  const { agent, ask } = open()
  const asked = ask('x')
  agent.error((await agent.next()).id, -32000, '\u001b]0;owned\u0007<b>no</b>')
  await expect(asked).rejects.toThrow('The guest agent said: \ufffd]0;owned\ufffd<b>no</b>')
})

test.each(['"1"', '-1e999', 'null', '{}', '[1]'])('the result %s where a number belongs is refused', async result => {
  const { agent, ask } = open()
  const asked = outcome(ask('x'))
  agent.raw(`{"jsonrpc":"2.0","id":"${(await agent.next()).id}","result":${result}}\n`)
  expect(await asked).toBe('refused')
})

test('an answer that is neither result nor error is refused', async () => {
  const { agent, ask } = open()
  const asked = [outcome(ask('x')), outcome(ask('y'))]
  agent.say({ jsonrpc: '2.0', id: (await agent.next()).id })
  agent.say({ jsonrpc: '2.0', id: (await agent.next()).id, error: 'broken' })
  expect(await Promise.all(asked)).toEqual(['refused', 'refused'])
})

test('garbage between answers, before one on its line, and bytes that are no UTF-8 cost no answer', async () => {
  const { agent, ask } = open()
  const asked = [ask('x'), ask('y')]
  const [x, y] = [await agent.next(), await agent.next()]
  agent.raw(Buffer.from([0xff, 0xfe, 0x0a, 0x00, 0x0a]))
  agent.raw('}}}]]\n{"jsonrpc":\n')
  agent.raw(`half of a message", "x": 1}{"jsonrpc":"2.0","id":"${x.id}","result":1}\n`)
  agent.raw(Buffer.concat([Buffer.from([0xc3, 0x28]), Buffer.from(`{"result":2,"id":"${y.id}"}\n`)]))
  expect(await Promise.all(asked)).toEqual([1, 2])
})

test('an answer with garbage inside fails at once, not at the deadline', async () => {
  const { agent, ask } = open()
  const asked = outcome(ask('x'))
  agent.raw(`{"jsonrpc":"2.0","id":"${(await agent.next()).id}","res\u0000ult":1]\n`)
  expect(await asked).toBe('refused')
})

test('an answer nested too deeply fails its question only', async () => {
  const { agent, client, ask } = open()
  const [deep, good] = [outcome(ask('deep')), ask('good')]
  agent.raw(`{"id":"${(await agent.next()).id}","result":${'['.repeat(200_000)}${']'.repeat(200_000)}}\n`)
  agent.result((await agent.next()).id, 1)
  expect([await deep, await good]).toEqual(['refused', 1])
  expect(client.counters.nonsense).toBe(1)
})

test('an answer over the limit fails its question, and the next line is read', async () => {
  const { agent, client, ask } = open({ limits: { maxLineBytes: 10_000 } })
  const [long, good] = [outcome(ask('long')), ask('good')]
  agent.result((await agent.next()).id, 'x'.repeat(20_000))
  agent.result((await agent.next()).id, 1)
  expect([await long, await good]).toEqual(['refused', 1])
  expect(client.counters.overlong).toBe(1)
})

test('__proto__ in an answer changes no prototype', async () => {
  const { agent, client } = open()
  const asked = client.ask({
    ...{ method: 'x', deadlineMs: 10_000, signal: new AbortController().signal },
    schema: v.unknown(),
  })
  agent.raw(`{"id":"${(await agent.next()).id}","result":{"__proto__":{"polluted":true},"constructor":1}}\n`)
  expect(Object.keys(Object(await asked))).toEqual(['constructor'])
  expect(Reflect.get({}, 'polluted')).toBeUndefined()
})

test('a hanging agent costs each question its deadline, also those that wait in line', async () => {
  vi.useFakeTimers()
  const { ask } = open({ concurrency: 1 })
  const asked = [outcome(ask('one', { deadlineMs: 3000 })), outcome(ask('two', { deadlineMs: 2000 }))]
  await vi.advanceTimersByTimeAsync(3000)
  expect(await Promise.all(asked)).toEqual(['timeout', 'timeout'])
})

test('a question that waited gets its whole deadline from when it is sent', async () => {
  vi.useFakeTimers()
  const { agent, ask } = open({ concurrency: 1 })
  const asked = [ask('one', { deadlineMs: 2000 }), ask('two', { deadlineMs: 2000 })]
  const one = await agent.next()
  await vi.advanceTimersByTimeAsync(1500)
  agent.result(one.id, 1)
  await vi.advanceTimersByTimeAsync(1500)
  agent.result((await agent.next()).id, 2)
  await vi.advanceTimersByTimeAsync(1)
  expect(await Promise.all(asked)).toEqual([1, 2])
})

test('an aborted question is never sent when it still waited, and does not block the next', async () => {
  const { agent, ask } = open({ concurrency: 1 })
  const controller = new AbortController()
  const one = ask('one')
  const two = outcome(ask('two', { signal: controller.signal }))
  const three = ask('three')
  controller.abort()
  expect(await two).toBe('cancelled')
  agent.result((await agent.next()).id, 1)
  const last = await agent.next()
  expect(last.method).toBe('three')
  agent.result(last.id, 3)
  expect([await one, await three]).toEqual([1, 3])
})

test('the end of the channel fails what is under way and what comes after', async () => {
  const { agent, client, ask } = open()
  const asked = outcome(ask('x'))
  await agent.next()
  agent.guest.destroy()
  expect(await asked).toBe('connection')
  await client.closed
  expect(await outcome(ask('y'))).toBe('connection')
})

test('a failure of the channel keeps its own reason', async () => {
  const { agent, ask } = open()
  const asked = outcome(ask('x'))
  agent.host.destroy(new RemoteError({ kind: 'refused', message: 'read too slowly' }))
  expect(await asked).toBe('refused')
})

test('requests to a guest that reads nothing are bounded', async () => {
  const { agent, ask } = open({ limits: { maxQueuedBytes: 500_000 } })
  agent.guest.pause()
  const big = { data: 'x'.repeat(100_000) }
  const asked = Array.from({ length: 12 }, () => outcome(ask('x', { params: big })))
  agent.host.destroy()
  const outcomes = await Promise.all(asked)
  expect(outcomes.filter(kind => kind === 'busy').length).toBeGreaterThan(3)
  expect(agent.host.writableLength).toBeLessThan(1_000_000)
})

test('notifications arrive with their parameters', async () => {
  const seen: unknown[] = []
  const { agent } = open({ onNotification: (method, params) => seen.push([method, params]) > 0 })
  agent.notice('telemetry', { a: 1 })
  agent.say({ jsonrpc: '2.0', id: 7, method: 'reboot_host', params: {} })
  await settled()
  expect(seen).toEqual([['telemetry', { a: 1 }]])
})

test('of a flood of notifications only so many are looked at, and answers still arrive', async () => {
  let seen = 0
  const { agent, client, ask } = open({
    limits: { notificationsPerSecond: 1, notificationBurst: 50 },
    onNotification: () => ++seen < 0,
  })
  const asked = ask('x')
  const { id } = await agent.next()
  const line = `${JSON.stringify({ jsonrpc: '2.0', method: 'telemetry', params: { a: 1 } })}\n`
  agent.raw(line.repeat(20_000))
  agent.result(id, 1)
  expect(await asked).toBe(1)
  expect(seen).toBeLessThan(60)
  expect(client.counters.dropped).toBeGreaterThan(19_000)
})

test('while something streams no notification is dropped', async () => {
  let seen = 0
  const { agent, client } = open({ limits: { notificationBurst: 1 }, onNotification: () => ++seen > 0 })
  const expecting = client.expectNotifications()
  for (let index = 0; index < 100; index++) agent.notice('exec.output', { index })
  await settled()
  expect(seen).toBe(100)
  expecting.dispose()
  for (let index = 0; index < 100; index++) agent.notice('exec.output', { index })
  await settled()
  expect(seen).toBeLessThan(150)
})

test.each([
  { line: `${'g'.repeat(1023)}\n`, atLeast: 500_000, below: 1_500_000 },
  // Many short lines cost more than their bytes.
  { line: 'x\n', atLeast: 64 * 1024, below: 200_000 },
])(
  'who sends more than anybody asked for is made to wait: lines of $line.length bytes',
  async ({ line, atLeast, below }) => {
    vi.useFakeTimers()
    const { agent, client } = open({ limits: { unsolicitedBytesPerSecond: 100_000, unsolicitedBurstBytes: 100_000 } })
    const flood = Buffer.alloc(64 * 1024, line)
    let taken = 0
    const pour = () => {
      agent.guest.write(flood, () => {
        taken += flood.length
        pour()
      })
    }
    pour()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(client.pauses).toBeGreaterThan(0)
    expect(taken).toBeGreaterThanOrEqual(atLeast)
    expect(taken).toBeLessThan(below)
    agent.guest.destroy()
  },
)
