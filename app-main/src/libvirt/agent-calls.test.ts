import { expect, test, vi } from 'vitest'
import { Connection } from './connection.ts'
import { TimeoutError } from './errors.ts'
import { qemuDomainAgentCommand, qemuDomainMonitorEvent } from './generated/qemu.ts'
import { encodeRemoteNonnullDomain } from './generated/remote-types.ts'
import type { PortEvent } from './events.ts'
import { FakeLibvirtd, type FakeRequest } from './testing/fake-libvirtd.ts'

const ref = (number: number) => ({
  name: `m${number}`,
  uuid: `6695eb01-f6a4-8304-79aa-${String(number).padStart(12, '0')}`,
  id: 1,
})

const opened = async () => {
  const daemon = new FakeLibvirtd()
  const held: FakeRequest[] = []
  daemon.on(qemuDomainAgentCommand, request => void held.push(request))
  const connection = await Connection.open('qemu:///system', { dial: daemon.dial, keepalive: null })
  const ask = (machine: number, deadlineMs = 20_000) =>
    connection.domain.agentCommand(ref(machine), '{}', { deadlineMs }).catch((error: unknown) => error)
  return { daemon, connection, held, ask }
}

const answer = (request: FakeRequest | undefined): void =>
  request?.reply(writer => {
    writer.bool(true)
    writer.string('{"return":{}}', 100)
  })

test('guests are asked eight at a time, each one thing at a time, beside the daemon’s own calls', async () => {
  const { held, ask, daemon } = await opened()
  const answers = [ask(0), ask(0), ...Array.from({ length: 10 }, (_, at) => ask(at + 1))]
  await vi.waitFor(() => expect(held).toHaveLength(8))
  await new Promise(resolve => setImmediate(resolve))
  expect(held).toHaveLength(8)
  expect(new Set(held.map(({ payload }) => payload.toString('latin1', 4, 8))).size).toBe(8)
  expect(held.some(({ client }) => client === daemon.clients[0])).toBe(false)
  for (let at = 0; at < answers.length; at++) {
    await vi.waitFor(() => expect(held.length).toBeGreaterThan(at))
    answer(held[at])
  }
  expect(await Promise.all(answers)).toEqual(Array.from({ length: 12 }, () => '{"return":{}}'))
})

test('guests that do not answer keep no more than half of the places from those that do', async () => {
  const { held, ask } = await opened()
  const late = Array.from({ length: 8 }, (_, at) => ask(at, 10))
  expect((await Promise.all(late)).every(error => error instanceof TimeoutError)).toBe(true)
  // The daemon gives up on them in its own time, and then they are asked again.
  for (const request of held.splice(0)) request.fail(86, 'Guest agent is not responding')
  const again = Array.from({ length: 8 }, (_, at) => ask(at))
  const healthy = Array.from({ length: 4 }, (_, at) => ask(at + 100))
  await vi.waitFor(() => expect(held).toHaveLength(8))
  const names = held.map(({ payload }) => payload.toString('latin1', 4, 8))
  expect(names.filter(name => name.startsWith('m10'))).toHaveLength(4)
  for (let at = 0; at < 12; at++) {
    await vi.waitFor(() => expect(held.length).toBeGreaterThan(at))
    answer(held[at])
  }
  await Promise.all([...again, ...healthy])
})

test('a port that is opened in the guest is told, and words that read differently are no news', async () => {
  const { daemon, connection } = await opened()
  const told: PortEvent[] = []
  connection.events.onDomainPort(event => told.push(event))
  const say = (event: string, details: string | null) =>
    daemon.client.event(qemuDomainMonitorEvent, writer => {
      writer.int(1)
      encodeRemoteNonnullDomain(writer, ref(1))
      writer.string(event, 100)
      writer.hyper(0n)
      writer.uint(0)
      writer.bool(details !== null)
      if (details !== null) writer.string(details, 1000)
    })
  for (const details of [null, '', 'x', '[]', 'null', '{"open":1,"id":"channel0"}', '{"open":true}'])
    say('VSERPORT_CHANGE', details)
  say('RTC_CHANGE', '{"open":true,"id":"channel0"}')
  say('VSERPORT_CHANGE', '{"open":true,"id":"channel1","more":{}}')
  await vi.waitFor(() => expect(told).not.toEqual([]))
  expect(told).toEqual([{ domain: ref(1), alias: 'channel1', open: true }])
})
