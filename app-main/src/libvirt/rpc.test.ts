import { expect, test, vi } from 'vitest'
import { Connection } from './connection.ts'
import {
  AbortedError,
  type ConnectionError,
  isNotFound,
  isUnknownProcedure,
  isUnsupported,
  LibvirtError,
  ProtocolError,
  TimeoutError,
} from './errors.ts'
import { domainEventCallbackLifecycle } from './generated/remote-events.ts'
import {
  connectOpen,
  connectGetHostname,
  domainGetXmlDesc,
  domainLookupByName,
  nodeGetInfo,
} from './generated/remote-procedures.ts'
import { FakeLibvirtd, type FakeRequest } from './testing/fake-libvirtd.ts'

const opened = async (daemon = new FakeLibvirtd()) => {
  const connection = await Connection.open('qemu:///system', { dial: daemon.dial, keepalive: null })
  return { daemon, connection, client: daemon.client }
}
const text = (value: string) => (writer: { string(value: string, max: number): void }) => writer.string(value, 1000)
const domain = (name: string) => ({ name, uuid: '6695eb01-f6a4-8304-79aa-97f2502e193f', id: 1 })

test('a call gets its reply, however replies are ordered', async () => {
  const { daemon, connection } = await opened()
  const held: FakeRequest[] = []
  daemon.on(connectGetHostname, request => void held.push(request))
  const both = [connection.node.getHostname(), connection.node.getHostname()]
  await vi.waitFor(() => expect(held).toHaveLength(2))
  held[1]?.reply(text('second'))
  held[0]?.reply(text('first'))
  expect(await Promise.all(both)).toEqual(['first', 'second'])
})

test("the daemon's error is typed and can be asked what it means", async () => {
  const { daemon, connection } = await opened()
  daemon.on(domainLookupByName, request => request.fail(42, 'Domain not found'))
  const error: unknown = await connection.domain.lookupByName('x').catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(LibvirtError)
  expect(isNotFound(error)).toBe(true)
  expect(error).toMatchObject({ code: 42, domain: 10, message: 'Domain not found', procedure: 'domain_lookup_by_name' })
})

test('a procedure that the daemon does not know is asked once, and the connection lives on', async () => {
  const { client, connection } = await opened()
  const asked = () => client.received.filter(({ header }) => header.procedure === nodeGetInfo.number).length
  for (let round = 0; round < 2; round++) {
    const error: unknown = await connection.node.getInfo().catch((reason: unknown) => reason)
    expect(isUnsupported(error) && isUnknownProcedure(error)).toBe(true)
  }
  expect(asked()).toBe(1)
  expect(connection.closeReason).toBeUndefined()
})

const faults: [string, (request: FakeRequest) => void][] = [
  ['a reply for nobody', ({ client, header }) => client.send({ ...header, type: 1, serial: header.serial + 77 })],
  ['a reply of another procedure', ({ client, header }) => client.send({ ...header, type: 1, procedure: 999 })],
  ['a message that only clients send', ({ client, header }) => client.send({ ...header, type: 0 })],
  ['an unknown type', ({ client, header }) => client.send({ ...header, type: 250 })],
  ['data of a stream that nobody opened', ({ client, header }) => client.send({ ...header, type: 3, status: 2 })],
  ['a payload that is too short', request => request.reply(writer => writer.uint(4000))],
  ['an error that cannot be read', ({ client, header }) => client.send({ ...header, type: 1, status: 1 })],
  ['a length that is too small', ({ client }) => client.pipe.write(Buffer.from([0, 0, 0, 5, 0]))],
  ['a length that is too large', ({ client }) => client.pipe.write(Buffer.from([0x7f, 0, 0, 0, 0]))],
]

test.each(faults)('%s is a protocol error that ends the connection and tells every caller', async (_name, fault) => {
  const { daemon, connection } = await opened()
  const closed = vi.fn()
  connection.onClose(closed)
  daemon.on(connectGetHostname, fault)
  daemon.on(nodeGetInfo, () => undefined)
  const results = await Promise.allSettled([
    connection.node.getInfo(),
    connection.node.getHostname(),
    ...Array.from({ length: 6 }, () => connection.node.getInfo()),
  ])
  for (const result of results) {
    expect(result.status).toBe('rejected')
    if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(ProtocolError)
  }
  expect(closed).toHaveBeenCalledTimes(1)
  expect(connection.closeReason).toBeInstanceOf(ProtocolError)
  await expect(connection.node.getHostname()).rejects.toBe(connection.closeReason)
})

test('a daemon that ends in the middle of a frame is lost', async () => {
  const { daemon, connection } = await opened()
  daemon.on(connectGetHostname, ({ client }) => client.pipe.end(Buffer.from([0, 0, 1, 0, 1, 2, 3])))
  await expect(connection.node.getHostname()).rejects.toMatchObject({ trouble: 'lost' })
})

test('at most four calls are under way, so that the daemon keeps a place for keepalive', async () => {
  const { daemon, connection } = await opened()
  const held: FakeRequest[] = []
  daemon.on(connectGetHostname, request => void held.push(request))
  const calls = Array.from({ length: 9 }, () => connection.node.getHostname())
  await vi.waitFor(() => expect(held).toHaveLength(4))
  held[0]?.reply(text('a'))
  await vi.waitFor(() => expect(held).toHaveLength(5))
  for (let index = 1; index < 9; index++) {
    await vi.waitFor(() => expect(held.length).toBeGreaterThan(index))
    held[index]?.reply(text('a'))
  }
  expect(await Promise.all(calls)).toHaveLength(9)
})

test('a machine whose calls are not answered does not hold up the others', async () => {
  const { daemon, connection } = await opened()
  daemon.on(domainGetXmlDesc, request => {
    if (!request.payload.includes('sick')) request.reply(text('<domain/>'))
  })
  const sick = Array.from({ length: 20 }, () => connection.domain.getXmlDesc(domain('sick')))
  for (const call of sick) call.catch(() => undefined)
  const well = { ...domain('well'), uuid: '00000000-0000-4000-8000-000000000001' }
  expect(await connection.domain.getXmlDesc(well)).toBe('<domain/>')
  await connection.close()
})

test('a missed deadline tells the caller, and the late reply is not a fault', async () => {
  const { daemon, connection } = await opened()
  let late: FakeRequest | undefined
  daemon.on(connectGetHostname, request => void (late = request))
  await expect(connection.node.getHostname({ deadlineMs: 5 })).rejects.toBeInstanceOf(TimeoutError)
  late?.reply(text('late'))
  daemon.on(connectGetHostname, request => request.reply(text('in time')))
  expect(await connection.node.getHostname()).toBe('in time')
})

test('a caller can give up, before or after the call was sent', async () => {
  const { daemon, connection } = await opened()
  daemon.on(connectGetHostname, () => undefined)
  await expect(connection.node.getHostname({ signal: AbortSignal.abort() })).rejects.toBeInstanceOf(AbortedError)
  const controller = new AbortController()
  const calls = Array.from({ length: 6 }, () => connection.node.getHostname({ signal: controller.signal }))
  controller.abort()
  for (const result of await Promise.allSettled(calls))
    expect(result).toMatchObject({ reason: expect.any(AbortedError) })
})

test('an argument that cannot be sent is refused and harms nothing', async () => {
  const { daemon, connection } = await opened()
  daemon.on(connectGetHostname, request => request.reply(text('fine')))
  await expect(connection.domain.lookupByName('nul\0byte')).rejects.toThrow('NUL')
  expect(await connection.node.getHostname()).toBe('fine')
})

test('events reach their listeners, and unknown ones nobody', async () => {
  const { client, connection } = await opened()
  const heard = vi.fn()
  connection.events.onDomainLifecycle(heard)
  client.event({ program: 0x20008086, number: 9999 }, writer => writer.uint(1))
  client.event(domainEventCallbackLifecycle, writer => {
    writer.int(0)
    writer.string('vm', 100)
    writer.fixedOpaque(new Uint8Array(16), 16)
    for (const word of [7, 2, 1]) writer.int(word)
  })
  await vi.waitFor(() => expect(heard).toHaveBeenCalled())
  expect(heard).toHaveBeenCalledWith({
    domain: { name: 'vm', uuid: '00000000-0000-0000-0000-000000000000', id: 7 },
    event: 2,
    detail: 1,
  })
})

test("the daemon's ping is answered", async () => {
  const { client } = await opened()
  client.send({ program: 0x6b656570, procedure: 1, type: 2 })
  await vi.waitFor(() =>
    expect(client.received.at(-1)?.header).toMatchObject({ program: 0x6b656570, procedure: 2, type: 2, serial: 0 }),
  )
})

test('a daemon that accepts and never answers is not responding', async () => {
  const daemon = new FakeLibvirtd().on(connectOpen, () => undefined)
  const opening = Connection.open('qemu:///system', { dial: daemon.dial, deadlineMs: 10 })
  await expect(opening).rejects.toMatchObject({ trouble: 'not-responding' })
})

test('a daemon that falls silent later is found out by keepalive', async () => {
  const daemon = new FakeLibvirtd()
  const connection = await Connection.open('qemu:///system', {
    dial: daemon.dial,
    keepalive: { intervalMs: 5, count: 2 },
  })
  const reason = await new Promise<ConnectionError>(resolve => connection.onClose(resolve))
  expect(reason.trouble).toBe('not-responding')
})

test('opening refused by the daemon gives its error and closes', async () => {
  const daemon = new FakeLibvirtd().on(connectOpen, request => request.fail(5, 'no connection driver available'))
  await expect(Connection.open('qemu:///system', { dial: daemon.dial })).rejects.toMatchObject({ code: 5 })
  await vi.waitFor(() => expect(daemon.client.pipe.destroyed || daemon.client.pipe.readableEnded).toBe(true))
})
