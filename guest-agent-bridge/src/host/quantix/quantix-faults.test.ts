import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { encodeQuantix, encodeQuantixFrame } from '../../protocol/quantix/index.ts'
import { FakeQuantix } from '../testing/fake-quantix.ts'
import { quantixDialect } from './dialect.ts'
import { QuantixClient } from './quantix-client.ts'

const signal = new AbortController().signal
const asking = { signal }
const question = { name: 'ping', answer: 'pong', fields: {}, deadlineMs: 300, signal }

const connected = async () => {
  const fake = new FakeQuantix('magic')
  const link = { channels: async () => [], open: async () => fake.host, agentCommand: async () => '' }
  return { fake, agent: await quantixDialect.connect(link, asking) }
}

test('answers are told apart by their id, in whatever order, and strangers pass by', async () => {
  const { host, guest } = new FakeQuantix('magic', { speaksFirst: false })
  guest.removeAllListeners('data')
  const ids: string[] = []
  guest.on('data', (bytes: Buffer) => ids.push(...(bytes.toString('latin1').match(/[\da-f-]{36}/g) ?? [])))
  const client = new QuantixClient(host)
  const say = (id: string, uptime: number) => {
    const message = encodeQuantix({ id, name: 'pong', fields: { uptime_seconds: uptime } }, 0)
    guest.write(Buffer.from(encodeQuantixFrame('magic', message)))
  }
  const [first, second] = [client.ask(question), client.ask(question)]
  await expect.poll(() => ids.length).toBe(2)
  say('somebody-else', 9)
  say(ids[1] ?? '', 2)
  say(ids[1] ?? '', 99)
  say(ids[0] ?? '', 1)
  expect(await first).toMatchObject({ uptime_seconds: 1 })
  expect(await second).toMatchObject({ uptime_seconds: 2 })
  client.close()
})

test('an answer of another kind, one that lies about its piece and one that never comes are typed errors', async () => {
  const { fake, agent } = await connected()
  fake.answers.file_read = () => ({ success: true, data: new Uint8Array(70_000), offset: 0 })
  await expect(agent.readFile('/x', 0, 10, asking)).rejects.toMatchObject({ detail: { kind: 'refused' } })
  fake.answers.file_read = () => ({ success: true, data: new Uint8Array(0), eof: false })
  await expect(agent.readFile('/x', 0, 10, asking)).rejects.toMatchObject({ detail: { kind: 'refused' } })
  fake.answers.quiesce = () => new Promise(() => undefined)
  const giveUp = new AbortController()
  const freezing = agent.freeze({ timeoutSeconds: 60 }, { signal: giveUp.signal })
  giveUp.abort()
  await expect(freezing).rejects.toMatchObject({ detail: { kind: 'cancelled' } })
  agent.close()
})

test('numbers that cannot be are left out, names are made harmless', async () => {
  const { fake, agent } = await connected()
  const sample = agent.telemetry(asking)
  fake.telemetry({
    ...{ cpu_usage_percent: Number.NaN, load_avg_1: -1, memory_total_bytes: 2 ** 63, process_count: 0 },
    interfaces: [{ name: '\u001b[2J<b>', mac_address: 'not one', ipv4_addresses: ['$(id)'], state: 7 }],
  })
  expect(await sample).toMatchObject({
    ...{ cpuPercent: null, load: null, memoryTotalBytes: null, processCount: null },
    interfaces: [{ name: '\ufffd[2J<b>', mac: null, up: null, mtu: null }],
  })
  agent.close()
})

test('who floods is held back: bounded memory, and questions are still answered', async () => {
  const { fake, agent } = await connected()
  const message = encodeQuantix({ id: 'x', name: 'telemetry', fields: { hostname: 'h'.repeat(1000) } }, 0)
  const frame = Buffer.from(encodeQuantixFrame('magic', message))
  let sent = 0
  let over = false
  const flood = (async () => {
    while (!over) {
      sent += frame.length
      if (!fake.guest.write(frame)) await Promise.race([new Promise(r => fake.guest.once('drain', r)), sleep(50)])
    }
  })()
  await sleep(1500)
  over = true
  await flood
  // The burst, and what a second and a half allow, and what waits in the pipe.
  expect(sent).toBeLessThan(16 * 1024 * 1024)
  expect(await agent.system(asking)).toMatchObject({ hostname: 'guest-1' })
  agent.close()
})

test('who speaks another language is left, and who says nothing is silent', async () => {
  const { host, guest } = new FakeQuantix('magic', { speaksFirst: false })
  const client = new QuantixClient(host)
  const asked = client.ask({ ...question, deadlineMs: 5000 })
  guest.write('{"jsonrpc":"2.0"}\n'.repeat(10_000))
  await expect(asked).rejects.toMatchObject({ detail: { kind: 'refused' } })
  expect(client.gone).toBe(true)

  const mute = new FakeQuantix('magic', { speaksFirst: false })
  mute.answers.ping = () => new Promise(() => undefined)
  const silent = new QuantixClient(mute.host)
  await expect(silent.ask(question)).rejects.toMatchObject({ detail: { kind: 'timeout' } })
  silent.close()
})
