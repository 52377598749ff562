import { randomBytes } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openRead } from './read-stream.ts'
import { FakeAgent } from './testing/fake-agent.ts'
import { guestBench, type GuestBench } from './testing/guest-bench.ts'
import { openWrite, type WriteRequest } from './write-stream.ts'

const { signal } = new AbortController()
const content = randomBytes(100_000)

const whole = async (stream: Duplex): Promise<Buffer> => {
  const parts: Buffer[] = []
  for await (const bytes of stream as AsyncIterable<Buffer>) parts.push(bytes)
  return Buffer.concat(parts)
}
const ended = (stream: Duplex): Promise<unknown> =>
  new Promise((resolve, reject) => stream.once('end', () => resolve('end')).once('error', reject))

describe('files in a guest', () => {
  let bench: GuestBench
  let agent: FakeAgent
  beforeEach(async () => {
    bench = await guestBench()
    agent = new FakeAgent()
    agent.files.set('/etc/file', content)
    bench.serve(0, agent)
  })
  afterEach(() => bench.dispose())
  const read = (path: string, offset = 0) => openRead(bench.sessions, bench.id(0), { path, offset }, signal)
  const write = (request: Partial<WriteRequest> & { sizeBytes: number }) => {
    const defaults = { path: '/new', overwrite: false, createParents: false }
    return openWrite(bench.sessions, bench.id(0), { ...defaults, ...request }, signal)
  }

  it('are read whole, from anywhere, and when they are empty', async () => {
    expect((await whole(await read('/etc/file'))).equals(content)).toBe(true)
    expect((await whole(await read('/etc/file', 99_000))).equals(content.subarray(99_000))).toBe(true)
    expect(await whole(await read('/etc/file', 200_000))).toHaveLength(0)
    agent.files.set('/empty', Buffer.alloc(0))
    expect(await whole(await read('/empty'))).toHaveLength(0)
  })

  it('are missed before there is a stream', async () => {
    await expect(read('/none')).rejects.toMatchObject({ detail: { kind: 'not-found' } })
    await vi.waitFor(async () => expect((await bench.sessions.status(bench.id(0), signal)).primary).toBe('vireo'))
  })

  it('are not asked for more than the reader takes', async () => {
    agent.files.set('/big', Buffer.alloc(8 * 1024 * 1024))
    agent.largestChunk = 256 * 1024
    const asking = vi.spyOn(agent, 'readFile')
    const stream = await read('/big')
    stream.read(1)
    await new Promise(resolve => setTimeout(resolve, 20))
    expect(asking.mock.calls.length).toBeLessThan(6)
    stream.destroy()
  })

  it.each([256 * 1024, 100_000, 1024])('are asked for ahead, in pieces that the agent gives: %d', async largest => {
    const big = Buffer.from(Array.from({ length: 1_000_000 }, (_, at) => at % 253))
    agent.files.set('/big', big)
    agent.largestChunk = largest
    agent.readAhead = 2
    const asking = vi.spyOn(agent, 'readFile')
    expect((await whole(await read('/big'))).equals(big)).toBe(true)
    // No more than two behind the end, and three that a smaller piece made useless.
    const piece = Math.min(largest, 96 * 1024)
    expect(asking.mock.calls.length).toBeLessThanOrEqual(Math.ceil(big.length / piece) + 5)
    // A guest holds what is on its way twice.
    expect(Math.max(...asking.mock.calls.map(([, , length]) => length))).toBe(96 * 1024)
    expect((await whole(await read('/big', 999_990))).equals(big.subarray(999_990))).toBe(true)
  })

  it('end with the guest’s failure in the middle, and when the guest gives neither bytes nor an end', async () => {
    const stream = await read('/etc/file')
    agent.files.delete('/etc/file')
    await expect(whole(stream)).rejects.toMatchObject({ detail: { kind: 'not-found' } })
    agent.readFile = async () => ({ bytes: Buffer.alloc(0), eof: false })
    await expect(whole(await read('/endless'))).rejects.toMatchObject({ detail: { kind: 'refused' } })
  })

  it('are written whole', async () => {
    const stream = await write({ sizeBytes: content.length })
    for (let at = 0; at < content.length; at += 10_000) stream.write(content.subarray(at, at + 10_000))
    expect(await ended(stream)).toBe('end')
    expect(agent.files.get('/new')?.equals(content)).toBe(true)
  })

  it('are written also when they have no bytes', async () => {
    expect(await ended(await write({ sizeBytes: 0 }))).toBe('end')
    expect(agent.files.get('/new')).toHaveLength(0)
  })

  it('are not replaced unless that is asked for', async () => {
    await expect(write({ path: '/etc/file', sizeBytes: 1 })).rejects.toMatchObject({ detail: { kind: 'precondition' } })
    const stream = await write({ path: '/etc/file', sizeBytes: 1, overwrite: true })
    stream.write('x')
    await ended(stream)
    expect(agent.files.get('/etc/file')?.toString()).toBe('x')
  })

  it.each([
    ['more bytes than were announced', (stream: Duplex) => stream.write('toolong')],
    ['fewer bytes than were announced', (stream: Duplex) => stream.end('s')],
  ])('are refused with %s, and nothing is written', async (_name, act) => {
    const stream = await write({ sizeBytes: 3 })
    const failed = ended(stream)
    act(stream)
    await expect(failed).rejects.toMatchObject({ detail: { kind: 'refused' } })
    expect(agent.files.has('/new')).toBe(false)
  })

  it('are not written when the stream is closed half-way', async () => {
    const stream = await write({ sizeBytes: 10 })
    stream.write('half')
    stream.destroy()
    await new Promise(resolve => stream.once('close', resolve))
    await new Promise(resolve => setImmediate(resolve))
    expect(agent.files.has('/new')).toBe(false)
  })

  it('tell before anything else how much of an interrupted upload is there, and whether it can go on', async () => {
    const resumeKey = 'ab'.repeat(16)
    const told = async (stream: Duplex): Promise<unknown> =>
      JSON.parse(String(await new Promise(resolve => stream.once('data', resolve))))
    const first = await write({ sizeBytes: 10, resumeKey })
    expect(await told(first)).toEqual({ offset: 0, resumable: true })
    await new Promise(resolve => first.write('half', resolve))
    first.destroy()
    await vi.waitFor(() => expect(agent.parts.get(resumeKey)?.toString()).toBe('half'))
    const second = await write({ sizeBytes: 10, resumeKey })
    expect(await told(second)).toEqual({ offset: 4, resumable: true })
    const end = ended(second)
    second.resume().write('half a mile')
    await expect(end).rejects.toMatchObject({ detail: { kind: 'refused' } })
    const third = await write({ sizeBytes: 4, resumeKey })
    const done = ended(third)
    third.resume().write('mile')
    expect(await done).toBe('end')
  })

  it('hold the writer back while the guest takes nothing', async () => {
    agent.writeFile = () => new Promise(() => undefined)
    const stream = await write({ sizeBytes: 1_000_000 })
    let taken = 0
    stream.on('drain', () => taken++)
    for (let turn = 0; turn < 10; turn++) stream.write(Buffer.alloc(100_000))
    await new Promise(resolve => setTimeout(resolve, 20))
    expect(taken).toBe(0)
    expect(stream.writableLength).toBeGreaterThan(800_000)
    stream.destroy()
  })

  it('are no file until the guest says that all bytes are there', async () => {
    agent.writeFile = async ({ content: parts }) => {
      for await (const bytes of parts) void bytes
      return 2
    }
    const stream = await write({ sizeBytes: 3 })
    stream.write('abc')
    await expect(ended(stream)).rejects.toMatchObject({ detail: { message: expect.stringContaining('2 of 3') } })
  })
})
