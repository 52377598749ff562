import { Duplex, PassThrough, Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { bytePipe, RemoteError, WINDOW, type BytePipe, type MessagePipe } from '../contract/index.ts'
import { giveUp, joinDuplex } from './pipe-duplex.ts'

/** Both ends of a pipe that carries messages in later turns, as sockets do. */
const pair = (): { server: BytePipe; client: BytePipe } => {
  const make = () => ({ hear: (_: unknown) => {}, closed: () => {} })
  const ends = [make(), make()] as const
  const side = (own: 0 | 1): MessagePipe => ({
    send: data => void setImmediate(() => ends[own === 0 ? 1 : 0].hear(data)),
    onMessage: listener => void (ends[own].hear = listener),
    onClose: listener => void (ends[own].closed = listener),
    close: () => void setImmediate(() => ends[own === 0 ? 1 : 0].closed()),
  })
  return { server: bytePipe(side(0), 'server'), client: bytePipe(side(1), 'client') }
}

const turns = async (count: number) => {
  for (let i = 0; i < count; i++) await new Promise<void>(resolve => setImmediate(resolve))
}

test('bytes travel both ways', async () => {
  const { server, client } = pair()
  joinDuplex(server, new PassThrough())
  await client.opened
  const echoed = new Promise<string>(resolve =>
    client.onData((bytes, done) => {
      done()
      resolve(Buffer.from(bytes).toString())
    }),
  )
  await client.write(Buffer.from('hello'))
  await expect(echoed).resolves.toBe('hello')
})

test('a flooding stream is held back while nobody consumes', async () => {
  const { server, client } = pair()
  let produced = 0
  const flood = new Duplex({
    read() {
      produced += 65_536
      this.push(Buffer.alloc(65_536))
    },
    write: (_bytes, _encoding, done) => done(),
  })
  joinDuplex(server, flood)
  await client.opened
  client.onData(() => {})
  await turns(500)
  expect(produced).toBeLessThan(2 * WINDOW)
  client.close()
  await turns(5)
  expect(flood.destroyed).toBe(true)
})

test('a stream that takes nothing holds the client back', async () => {
  const { server, client } = pair()
  joinDuplex(server, new Duplex({ read() {}, write() {} }))
  await client.opened
  let through = 0
  const write = async () => {
    for (;;) {
      await client.write(new Uint8Array(65_536))
      through += 65_536
    }
  }
  const writing = write()
  await turns(300)
  expect(through).toBeLessThanOrEqual(WINDOW)
  client.close()
  await expect(writing).rejects.toThrow('closed')
})

test('everything before the end arrives, then the clean end', async () => {
  const { server, client } = pair()
  const picture = Buffer.alloc(3 * WINDOW, 7)
  const stream = new PassThrough()
  joinDuplex(server, stream)
  stream.end(picture)
  await client.opened
  let size = 0
  client.onData((bytes, done) => {
    size += bytes.byteLength
    setImmediate(done)
  })
  await expect(client.closed).resolves.toBeUndefined()
  expect(size).toBe(picture.byteLength)
})

test('a failure of the stream is the end that the client hears', async () => {
  const { server, client } = pair()
  const stream = new PassThrough()
  joinDuplex(server, stream)
  await client.opened
  stream.destroy(new RemoteError({ kind: 'busy', message: 'taken over', holder: 'somebody' }))
  await expect(client.closed).resolves.toEqual({ kind: 'busy', message: 'taken over', holder: 'somebody' })
})

test('a stream that vanishes is a lost connection, not a clean end', async () => {
  const { server, client } = pair()
  const stream = new PassThrough()
  joinDuplex(server, stream)
  await client.opened
  stream.destroy()
  await expect(client.closed).resolves.toMatchObject({ kind: 'connection', trouble: 'lost' })
})

test('a stream that is given up ends nothing but itself, whatever it says of that', async () => {
  // What is made of a readable stream, as a picture is, calls its early end an error.
  const stream = Duplex.from(Readable.from([Buffer.from('picture')]))
  // Nobody else listens: an error that nobody heard would fail the whole run.
  const closed = new Promise<void>(resolve => stream.once('close', () => resolve()))
  giveUp(stream)
  await closed
  expect(stream.errored).toMatchObject({ name: 'AbortError' })
})

test('the last bytes of a client that leaves are still written', async () => {
  const { server, client } = pair()
  const written: string[] = []
  const stream = new Duplex({
    read() {},
    write(bytes: Buffer, _encoding, done) {
      written.push(bytes.toString())
      setImmediate(done)
    },
  })
  joinDuplex(server, stream)
  await client.opened
  await client.write(Buffer.from('exit\n'))
  client.close()
  await new Promise(resolve => stream.once('close', resolve))
  expect(written).toEqual(['exit\n'])
})
