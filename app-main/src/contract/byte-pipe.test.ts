import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bytePipe, type MessagePipe } from './byte-pipe.ts'
import { WINDOW } from './byte-stream.ts'

/** Two ends of an ordered pipe whose messages wait until they are carried. */
const pipePair = () => {
  const end = () => {
    const inbox: (Uint8Array | string)[] = []
    let hear: (data: unknown) => void = () => {}
    let onClose = () => {}
    let isClosed = false
    return {
      inbox,
      carryOne() {
        const message = inbox.shift()
        if (message !== undefined) hear(message)
        return message !== undefined
      },
      inject: (data: unknown) => hear(data),
      cut() {
        isClosed = true
        onClose()
      },
      get isClosed() {
        return isClosed
      },
      listen: (listener: (data: unknown) => void) => void (hear = listener),
      listenClose: (listener: () => void) => void (onClose = listener),
    }
  }
  const [a, b] = [end(), end()]
  const side = (own: typeof a, other: typeof a): MessagePipe => ({
    send(data) {
      if (!own.isClosed) other.inbox.push(typeof data === 'string' ? data : data.slice())
    },
    onMessage: own.listen,
    onClose: own.listenClose,
    close: () => own.cut(),
  })
  return { a, b, aPipe: side(a, b), bPipe: side(b, a) }
}

const openPair = () => {
  const pair = pipePair()
  const server = bytePipe(pair.aPipe, 'server')
  const client = bytePipe(pair.bPipe, 'client')
  server.open()
  pair.b.carryOne()
  return { ...pair, server, client }
}

const settle = () => new Promise<void>(resolve => setImmediate(resolve))

/** Numbers bytes so that a lost or swapped one shows. */
const numbered = (from: number, size: number) => Uint8Array.from({ length: size }, (_, i) => (from + i) * 31)

test('the client is told when the stream is there', async () => {
  const { client, server } = openPair()
  await expect(client.opened).resolves.toBeUndefined()
  await expect(server.opened).resolves.toBeUndefined()
})

test('a refused stream closes with the reason', async () => {
  const pair = pipePair()
  const client = bytePipe(pair.bPipe, 'client')
  const server = bytePipe(pair.aPipe, 'server')
  server.end({ kind: 'not-found', message: 'gone' })
  pair.b.carryOne()
  await expect(client.closed).resolves.toEqual({ kind: 'not-found', message: 'gone' })
})

test('however bytes are cut, carried and consumed, none is lost or swapped and the window is kept', async () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('write' as const), size: fc.integer({ min: 0, max: 400_000 }) }),
    fc.record({ do: fc.constant('carry' as const), size: fc.integer({ min: 1, max: 20 }) }),
    fc.record({ do: fc.constant('consume' as const), size: fc.constant(1) }),
    fc.record({ do: fc.constant('acknowledge' as const), size: fc.integer({ min: 1, max: 5 }) }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async steps => {
      const { a, b, client, server } = openPair()
      let written = 0
      let consumed = 0
      let onWire = 0
      const received: Uint8Array[] = []
      const waiting: { bytes: Uint8Array; done: () => void }[] = []
      client.onData((bytes, done) => {
        received.push(bytes.slice())
        waiting.push({ bytes, done })
      })
      const consume = () => {
        const next = waiting.shift()
        if (!next) return false
        consumed += next.bytes.byteLength
        next.done()
        return true
      }
      const carry = () => {
        const head = b.inbox[0]
        if (head instanceof Uint8Array) onWire += head.byteLength
        return b.carryOne()
      }
      const inFlight = () =>
        onWire +
        b.inbox.reduce((sum, message) => sum + (typeof message === 'string' ? 0 : message.byteLength), 0) -
        consumed
      for (const { do: what, size } of steps) {
        if (what === 'write') {
          void server.write(numbered(written, size))
          written += size
        } else if (what === 'carry') for (let i = 0; i < size; i++) carry()
        else if (what === 'consume') consume()
        else for (let i = 0; i < size; i++) a.carryOne()
        expect(inFlight()).toBeLessThanOrEqual(WINDOW)
      }
      while (carry() || consume() || a.carryOne()) expect(inFlight()).toBeLessThanOrEqual(WINDOW)
      expect(Buffer.concat(received).equals(numbered(0, written))).toBe(true)
    }),
    { numRuns: 60 },
  )
})

test('a write is through when there is credit for a next one', async () => {
  const { a, b, client, server } = openPair()
  let through = false
  void server.write(new Uint8Array(WINDOW)).then(() => (through = true))
  await settle()
  expect(through).toBe(false)
  client.onData((_bytes, done) => done())
  while (b.carryOne() || a.carryOne());
  await settle()
  expect(through).toBe(true)
})

test('what was sent before a clean end is handed over before the client hears of the end', async () => {
  const { b, client, server } = openPair()
  void server.write(numbered(0, 200_000))
  server.end()
  while (b.carryOne());
  const order: unknown[] = []
  let size = 0
  void client.closed.then(error => order.push(['closed', size, error]))
  client.onData((bytes, done) => {
    size += bytes.byteLength
    setImmediate(done)
  })
  await client.closed
  expect(size).toBe(200_000)
  expect(order).toEqual([['closed', 200_000, undefined]])
})

test('writing to a closed stream fails and so does what still waits', async () => {
  const { client, server } = openPair()
  const waiting = server.write(new Uint8Array(WINDOW + 1))
  server.close()
  await expect(waiting).rejects.toThrow('closed')
  await expect(server.write(new Uint8Array(1))).rejects.toThrow('not open')
  client.close()
  await expect(client.closed).resolves.toBeUndefined()
})

test('a pipe that breaks without a word is a lost connection', async () => {
  const { b, client } = openPair()
  b.cut()
  await expect(client.closed).resolves.toMatchObject({ kind: 'connection', trouble: 'lost' })
})

test('many tiny messages for a busy consumer are handed over as one piece', () => {
  const { b, client } = openPair()
  const pieces: number[] = []
  const dones: (() => void)[] = []
  client.onData((bytes, done) => {
    pieces.push(bytes.byteLength)
    dones.push(done)
  })
  for (let i = 0; i < 10_000; i++) b.inject(new Uint8Array(1))
  dones[0]?.()
  expect(pieces).toEqual([1, 9999])
})

test('what gathered for a busy consumer is handed over in parts, and the other side is asked for more after each', async () => {
  const { a, b, client, server } = openPair()
  const dones: (() => void)[] = []
  let seen = 0
  client.onData((bytes, done) => {
    expect([...bytes]).toEqual([...numbered(seen, bytes.byteLength)])
    seen += bytes.byteLength
    dones.push(done)
  })
  const written = server.write(numbered(0, 2 * WINDOW))
  while (b.carryOne());
  dones[0]?.()
  dones[1]?.()
  expect(seen).toBeLessThan(WINDOW)
  while (a.carryOne());
  expect(b.inbox.length).toBeGreaterThan(0)
  for (let at = 2; seen < 2 * WINDOW; at++) {
    while (b.carryOne());
    dones[at]?.()
    while (a.carryOne());
  }
  dones.at(-1)?.()
  while (a.carryOne());
  await written
})

test.each<[string, unknown]>([
  ['text that is no JSON', '{'],
  ['JSON that is no message', '[]'],
  ['null', 'null'],
  ['an unknown word', '{"t":"hello"}'],
  ['a negative ack', '{"t":"ack","bytes":-1}'],
  ['a fractional ack', '{"t":"ack","bytes":0.5}'],
  ['an ack for bytes never sent', '{"t":"ack","bytes":1}'],
  ['a second open', '{"t":"open"}'],
  ['an end whose error is no error', '{"t":"end","error":"x"}'],
  ['a text without end', `{"t":"end","pad":"${'x'.repeat(70_000)}"}`],
  ['a value that is neither', 7],
])('a peer that sends %s is told so and cut off', async (_what, message) => {
  for (const role of ['server', 'client'] as const) {
    const { a, b, server, client } = openPair()
    const [own, ownEnd, far] = role === 'server' ? [server, a, b] : [client, b, a]
    ownEnd.inject(message)
    await expect(own.closed).resolves.toMatchObject({ kind: 'refused' })
    expect(ownEnd.isClosed).toBe(true)
    expect(far.inbox.at(-1)).toContain('"refused"')
  }
})

test('a peer that sends more than it may, or before the stream is open, is cut off', async () => {
  const { a, server } = openPair()
  a.inject(new Uint8Array(WINDOW))
  a.inject(new Uint8Array(1))
  await expect(server.closed).resolves.toMatchObject({ kind: 'refused' })

  const early = pipePair()
  const pipe = bytePipe(early.aPipe, 'server')
  early.a.inject(new Uint8Array(1))
  await expect(pipe.closed).resolves.toMatchObject({ kind: 'refused' })
})
