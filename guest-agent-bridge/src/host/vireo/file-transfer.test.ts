import { createHash } from 'node:crypto'
import { RemoteError } from '@vireo/app-main/contract'
import { afterEach, expect, test, vi } from 'vitest'
import { settled, type Heard } from '../testing/scripted-agent.ts'
import { scriptedVireo } from '../testing/scripted-vireo.ts'

const asking = { signal: new AbortController().signal }
const UPLOAD = '0123456789abcdef'.repeat(2)

const kindOf = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'nothing failed',
    (error: unknown) => (error instanceof RemoteError ? error.detail.kind : error),
  )

async function* contentOf(...parts: (string | Buffer)[]) {
  for (const part of parts) yield Buffer.from(part)
}

const param = (request: Heard, name: string): unknown => Reflect.get(Object(request.params), name)

/** An agent that takes uploads into memory, beginning with what an earlier one left. */
const uploads = async (had = '', fail: (request: Heard) => boolean = () => false) => {
  let file = Buffer.from(had)
  const methods: string[] = []
  const { agent, guest } = await scriptedVireo(request => {
    methods.push(request.method)
    if (fail(request)) return undefined
    if (request.method === 'file.write.begin') return { upload: UPLOAD, offset: file.length, max_chunk_bytes: 1000 }
    if (request.method === 'file.write.commit') {
      const sha256 = createHash('sha256').update(file).digest('hex')
      if (sha256 !== param(request, 'sha256')) return { path: '/x', bytes_written: -1 }
      return { path: '/x', bytes_written: file.length }
    }
    if (request.method !== 'file.write.chunk') return {}
    const offset = Number(param(request, 'offset'))
    file = Buffer.concat([file.subarray(0, offset), Buffer.from(String(param(request, 'data')), 'base64')])
    return { offset: file.length }
  })
  return { agent, guest, methods, content: () => file.toString() }
}

afterEach(() => {
  vi.useRealTimers()
})

test('a file goes in pieces of the size that the guest takes, with its checksum', async () => {
  const { agent, methods, content } = await uploads()
  const whole = 'abc'.repeat(1000)
  expect(await agent.writeFile({ path: '/x', content: contentOf(whole, '', 'end') }, asking)).toBe(3003)
  expect(content()).toBe(`${whole}end`)
  expect(methods.filter(name => name === 'file.write.chunk')).toHaveLength(4)
})

test('a resumed upload sends only what is missing, and is checked as a whole', async () => {
  const { agent, guest, content, methods } = await uploads('0123456')
  const begun: unknown[] = []
  const file = { path: '/x', content: contentOf('0123', '456789'), key: UPLOAD }
  await agent.writeFile({ ...file, onBegin: (key, offset) => begun.push([key, offset]) }, asking)
  expect(content()).toBe('0123456789')
  expect(begun).toEqual([[UPLOAD, 7]])
  expect(methods.filter(name => name === 'file.write.chunk')).toHaveLength(1)
  guest.guest.destroy()
})

test('a file that became shorter than its upload is refused and the upload given up', async () => {
  const { agent, methods } = await uploads('0123456')
  expect(await kindOf(agent.writeFile({ path: '/x', content: contentOf('012'), key: UPLOAD }, asking))).toBe(
    'precondition',
  )
  await settled()
  expect(methods.at(-1)).toBe('file.write.abort')
})

test('a piece whose answer was lost is sent again to the same place', async () => {
  vi.useFakeTimers()
  let chunks = 0
  const { agent, content } = await uploads('', ({ method }) => method === 'file.write.chunk' && ++chunks === 2)
  const writing = agent.writeFile({ path: '/x', content: contentOf('a'.repeat(1000), 'b'.repeat(1000)) }, asking)
  await vi.advanceTimersByTimeAsync(31_000)
  expect(await writing).toBe(2000)
  expect(content()).toBe('a'.repeat(1000) + 'b'.repeat(1000))
})

test('a source that fails leaves no upload behind', async () => {
  const { agent, methods } = await uploads()
  const failing = (async function* () {
    yield Buffer.from('x')
    throw new Error('the disk here is broken')
  })()
  await expect(agent.writeFile({ path: '/x', content: failing }, asking)).rejects.toThrow('the disk here is broken')
  await settled()
  expect(methods.at(-1)).toBe('file.write.abort')
})

test('an upload that loses its conversation is kept for who can resume it', async () => {
  const { agent, guest } = await uploads('', ({ method }) => {
    if (method === 'file.write.chunk') guest.guest.destroy()
    return method === 'file.write.chunk'
  })
  let token: string | null = null
  const file = { path: '/x', content: contentOf('x'), onBegin: (key: string | null) => (token = key) }
  expect(await kindOf(agent.writeFile(file, asking))).toBe('connection')
  expect(token).toBe(UPLOAD)
})

test('a full disk is said as such', async () => {
  const { agent, guest } = await uploads('', request => {
    if (request.method !== 'file.write.chunk') return false
    guest.error(request.id, -32000, 'write failed', { reason: 'no-space' })
    return true
  })
  await expect(agent.writeFile({ path: '/x', content: contentOf('x') }, asking)).rejects.toThrow('disk is full')
})

test.each([
  ['more than was asked for', { data: Buffer.alloc(11).toString('base64'), bytes: 11, eof: true }],
  ['another number of bytes', { data: Buffer.alloc(5).toString('base64'), bytes: 6, eof: true }],
  ['nothing and no end', { data: '', bytes: 0, eof: false }],
])('a piece that holds %s is refused', async (_, piece) => {
  const { agent } = await scriptedVireo(() => ({ ...piece, size_bytes: 20, modified_at_ms: 0, mode: 0o644 }))
  expect(await kindOf(agent.readFile('/x', 0, 10, asking))).toBe('refused')
})

test('a piece arrives as bytes', async () => {
  const { agent } = await scriptedVireo(() => ({
    ...{ data: '/wD+', bytes: 3, eof: true, size_bytes: 3, modified_at_ms: 0, mode: 0o644 },
  }))
  expect(await agent.readFile('/x', 0, 10, asking)).toEqual({ bytes: Buffer.from([0xff, 0, 0xfe]), eof: true })
})
