import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { finished, pipeline } from 'node:stream/promises'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { letGo } from '../contract/index.ts'
import { Connection } from './connection.ts'
import { domainOpenConsole, storageVolDownload, storageVolUpload } from './generated/remote-procedures.ts'
import { errorPayload, FakeLibvirtd, type FakeRequest } from './testing/fake-libvirtd.ts'
import type { Dial, Transport } from './transport.ts'
import { MAX_FRAME_BYTES } from './wire/message.ts'

const OK = 0
const ERROR = 1
const CONTINUE = 2
const STREAM = 3
const domain = { name: 'vm', uuid: '6695eb01-f6a4-8304-79aa-97f2502e193f', id: 1 }
const volume = { pool: 'p', name: 'v', key: 'k' }

const withConsole = async (answer: (request: FakeRequest) => void) => {
  const daemon = new FakeLibvirtd().on(domainOpenConsole, answer)
  const connection = await Connection.open('qemu:///system', { dial: daemon.dial, keepalive: null })
  const stream = await connection.domain.openConsole(domain)
  return { daemon, connection, stream, client: daemon.client }
}

/** What comes through that transport is cut, goes through one buffer, and is gone from there after the call. */
const readingIntoOneBuffer = (transport: Transport, cuts: readonly number[]): Transport => ({
  ...transport,
  read: listener => {
    const reused = Buffer.alloc(Math.max(...cuts))
    let turn = 0
    transport.stream.on('data', (bytes: Buffer) => {
      for (let at = 0; at < bytes.length;) {
        const length = bytes.copy(reused, 0, at, at + (cuts[turn++ % cuts.length] ?? 1))
        listener(reused.subarray(0, length))
        reused.fill(0xee)
        at += length
      }
    })
  },
})

const sent = (daemon: FakeLibvirtd, status: number) =>
  daemon.client.received.filter(({ header }) => header.type === STREAM && header.status === status)

test('a stream has a connection of its own, and carries bytes both ways', async () => {
  const { daemon, stream } = await withConsole(request => {
    request.reply()
    request.stream(CONTINUE, Buffer.from('login: '))
  })
  expect(daemon.clients).toHaveLength(2)
  const [first] = (await stream.take(1).toArray()) as Buffer[]
  expect(String(first)).toBe('login: ')
})

test('what is read stays as it was, however the bytes were cut and whatever is read after it into the same buffer', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 500 }), { minLength: 1, maxLength: 20 }),
      fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 10 }),
      async (parts, cuts) => {
        const daemon = new FakeLibvirtd().on(domainOpenConsole, request => {
          request.reply()
          for (const part of parts) request.stream(CONTINUE, part)
          request.stream(CONTINUE)
          request.stream(OK)
        })
        const dialReused: Dial = async (...how) => readingIntoOneBuffer(await daemon.dial(...how), cuts)
        const connection = await Connection.open('qemu:///system', { dial: dialReused, keepalive: null })
        const kept: Buffer[] = []
        for await (const bytes of await connection.domain.openConsole(domain)) kept.push(bytes as Buffer)
        expect(Buffer.concat(kept).toString('hex')).toBe(Buffer.concat(parts).toString('hex'))
        await connection.close()
      },
    ),
    { numRuns: 20 },
  )
})

test('what is read belongs to the reader, who may let it go', async () => {
  const { stream } = await withConsole(request => {
    request.reply()
    request.stream(CONTINUE, Buffer.from('one'))
    request.stream(CONTINUE, Buffer.from('two'))
    request.stream(CONTINUE)
    request.stream(OK)
  })
  let text = ''
  stream.on('data', (bytes: Buffer) => {
    text += bytes.toString()
    letGo(bytes)
    expect(bytes).toHaveLength(0)
  })
  await finished(stream)
  expect(text).toBe('onetwo')
})

test('data that overtakes its reply is kept', async () => {
  const { stream } = await withConsole(request => {
    request.stream(CONTINUE, Buffer.from('early'))
    request.reply()
    request.stream(CONTINUE)
    request.stream(OK)
  })
  expect(String(await buffer(stream))).toBe('early')
})

test('the end of the data is confirmed, and the connection closed', async () => {
  const { daemon, stream } = await withConsole(request => {
    request.reply()
    request.stream(CONTINUE, Buffer.from('bye'))
    request.stream(CONTINUE)
  })
  const reading = buffer(stream)
  await vi.waitFor(() => expect(sent(daemon, OK)).toHaveLength(1))
  const { header } = sent(daemon, OK)[0]!
  daemon.client.send({ ...header })
  expect(String(await reading)).toBe('bye')
  await vi.waitFor(() => expect(daemon.client.pipe.readableEnded || daemon.client.pipe.destroyed).toBe(true))
})

test("the daemon's failure in the middle is the stream's error", async () => {
  const { stream } = await withConsole(request => {
    request.reply()
    request.stream(ERROR, errorPayload(39, 'stream had I/O failure', 38))
  })
  stream.resume()
  await expect(finished(stream)).rejects.toMatchObject({ code: 39, message: 'stream had I/O failure' })
})

test('the connection of a stream that the daemon took away goes after the daemon has done with it', async () => {
  const { daemon, stream } = await withConsole(request => {
    request.reply()
    request.stream(ERROR, errorPayload(39, 'stream had I/O failure', 38))
  })
  const failed = finished(stream.resume()).catch(() => undefined)
  const gone = () => daemon.client.pipe.readableEnded || daemon.client.pipe.destroyed
  await vi.waitFor(() => expect(stream.destroyed).toBe(true))
  expect(gone()).toBe(false)
  await failed
  await vi.waitFor(() => expect(gone()).toBe(true))
})

test('a lost connection is the error of its streams', async () => {
  const { client, stream } = await withConsole(request => request.reply())
  client.pipe.end()
  stream.resume()
  await expect(finished(stream)).rejects.toMatchObject({ trouble: 'lost' })
})

test('a refused stream leaves no connection behind', async () => {
  const daemon = new FakeLibvirtd().on(domainOpenConsole, request => request.fail(9, 'Active console session exists'))
  const connection = await Connection.open('qemu:///system', { dial: daemon.dial, keepalive: null })
  await expect(connection.domain.openConsole(domain)).rejects.toMatchObject({ code: 9 })
  await vi.waitFor(() => expect(daemon.client.pipe.readableEnded || daemon.client.pipe.destroyed).toBe(true))
  expect(connection.closeReason).toBeUndefined()
})

test('destroying aborts, and close waits until the daemon has let go', async () => {
  const { daemon, stream, client } = await withConsole(request => request.reply())
  const closed = vi.fn()
  stream.once('close', closed)
  stream.destroy()
  await vi.waitFor(() => expect(sent(daemon, ERROR)).toHaveLength(1))
  expect(closed).not.toHaveBeenCalled()
  client.send({ ...sent(daemon, ERROR)[0]!.header, status: OK })
  await vi.waitFor(() => expect(closed).toHaveBeenCalled())
})

test('a flood nobody reads is stopped at the socket, and memory stays bounded', async () => {
  const chunk = Buffer.alloc(256 * 1024 - 28)
  let delivered = 0
  let flooding = true
  const { stream } = await withConsole(request => {
    request.reply()
    const flood = () => {
      while (flooding && delivered < 512 * 1024 * 1024) {
        delivered += chunk.length
        if (!request.stream(CONTINUE, chunk)) {
          request.client.pipe.once('drain', flood)
          return
        }
      }
    }
    flood()
  })
  await new Promise(resolve => setTimeout(resolve, 100))
  expect(stream.readableLength).toBeLessThanOrEqual(2 * chunk.length)
  expect(delivered).toBeLessThanOrEqual(8 * chunk.length)
  const before = delivered
  for (let round = 0; round < 50; round++) {
    stream.read()
    await new Promise(resolve => setImmediate(resolve))
  }
  expect(delivered).toBeGreaterThan(before)
  flooding = false
  stream.destroy()
})

test('a frame far larger than its data is refused by its length', async () => {
  const { client, stream } = await withConsole(request => request.reply())
  const word = Buffer.alloc(4)
  word.writeUInt32BE(MAX_FRAME_BYTES + 1)
  client.pipe.write(word)
  stream.resume()
  await expect(finished(stream)).rejects.toMatchObject({ trouble: 'protocol' })
})

test('a hole, which nobody asked for, fails the stream and does not crash', async () => {
  const { stream } = await withConsole(request => {
    request.reply()
    request.client.send({ ...request.header, type: 6, status: CONTINUE }, writer => {
      writer.hyper(1n << 60n)
      writer.uint(0)
    })
  })
  stream.resume()
  await expect(finished(stream)).rejects.toMatchObject({ trouble: 'protocol' })
})

test('an upload arrives whole, in messages every daemon takes, and finish waits for its word', async () => {
  const daemon = new FakeLibvirtd().on(storageVolUpload, request => request.reply())
  const connection = await Connection.open('qemu:///system', { dial: daemon.dial, keepalive: null })
  const stream = await connection.storageVolume.upload(volume)
  const data = Buffer.alloc(700_000, 'x')
  const done = pipeline(Readable.from([data]), stream)
  await vi.waitFor(() => expect(sent(daemon, OK)).toHaveLength(1))
  daemon.client.send({ ...sent(daemon, OK)[0]!.header })
  await done
  const parts = sent(daemon, CONTINUE)
  expect(Math.max(...parts.map(({ payload }) => payload.length))).toBeLessThanOrEqual(262_120)
  expect(Buffer.concat(parts.map(({ payload }) => payload)).equals(data)).toBe(true)
  // Its connection does not stay behind.
  await vi.waitFor(() => expect(daemon.client.pipe.readableEnded || daemon.client.pipe.destroyed).toBe(true))
})

test('an upload that the daemon cannot finish rejects', async () => {
  const daemon = new FakeLibvirtd().on(storageVolUpload, request => {
    request.reply()
    setImmediate(() => request.stream(ERROR, errorPayload(38, 'No space left on device')))
  })
  const connection = await Connection.open('qemu:///system', { dial: daemon.dial, keepalive: null })
  const stream = await connection.storageVolume.upload(volume)
  await expect(pipeline(Readable.from([Buffer.alloc(10)]), stream)).rejects.toThrow('No space left')
})

test('what is written after the daemon gave up is told why', async () => {
  const daemon = new FakeLibvirtd().on(storageVolUpload, request => request.reply())
  const connection = await Connection.open('qemu:///system', { dial: daemon.dial, keepalive: null })
  const stream = await connection.storageVolume.upload(volume)
  stream.write('first')
  await vi.waitFor(() => expect(sent(daemon, CONTINUE)).toHaveLength(1))
  const failure = new Promise(resolve => stream.once('error', resolve))
  const receive = (stream as unknown as { failed(error: Error): void }).failed.bind(stream)
  receive(new Error('No space left on device'))
  stream.write('second')
  expect(await failure).toMatchObject({ message: 'No space left on device' })
})

test('a download ends by itself', async () => {
  const daemon = new FakeLibvirtd().on(storageVolDownload, request => {
    request.reply()
    request.stream(CONTINUE, Buffer.from('disk'))
    request.stream(CONTINUE)
  })
  const connection = await Connection.open('qemu:///system', { dial: daemon.dial, keepalive: null })
  const stream = await connection.storageVolume.download(volume)
  expect(String(await buffer(stream))).toBe('disk')
})
