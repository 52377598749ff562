import { expect, test, vi } from 'vitest'
import { defaultConfig } from './config.ts'
import { WithData, type Method, type MethodContext } from './method.ts'
import { Server, type ServerParts } from './server.ts'

const long = Buffer.alloc(3000, 'Vireo')

const method = (name: string, call: Method['call']): Method => ({
  ...{ name, unprivileged: true, cost: 'none', audit: null, ownTimeout: false, urgent: false, call },
})

/** What the server itself uses of its surroundings; the rest is not there. */
const surroundings = (methods: readonly Method[], limits: object): ServerParts => {
  const sent: string[] = []
  const sys = {
    uid: 0,
    monotonic: () => performance.now(),
    decode: (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8'),
    encode: (text: string) => Buffer.from(text),
    encodeAround: (head: string, bytes: Uint8Array, tail: string) =>
      Buffer.from(head + Buffer.from(bytes).toString('base64') + tail),
    decodeBase64: (text: Uint8Array) => {
      const bytes = Buffer.from(Buffer.from(text).toString('latin1'), 'base64')
      text.set(bytes)
      return text.subarray(0, bytes.length)
    },
  }
  const loop = {
    after: (milliseconds: number, listener: () => void) => {
      const timer = setTimeout(listener, milliseconds)
      return { cancel: () => clearTimeout(timer) }
    },
  }
  const outlet = {
    send: (line: Uint8Array) => sent.push(Buffer.from(line).toString()) > 0,
    room: async () => undefined,
  }
  const log = { debug: () => undefined, info: () => undefined }
  const config = { ...defaultConfig, ...limits }
  const parts: ServerParts = Object.assign(Object.create(null), { sys, loop, outlet, log, config, methods, sent })
  return parts
}

const serve = (methods: readonly Method[], limits: object = {}) => {
  const parts = surroundings(methods, limits)
  const server = new Server(parts)
  const sent: readonly string[] = Reflect.get(parts, 'sent')
  const ask = (name: string, params: object = {}) => {
    const line = Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: name, method: name, params }))
    server.line(line)
    // The next line comes in the same memory.
    line.fill(0)
  }
  return { ask, answers: (): unknown[] => sent.map(line => JSON.parse(line)) }
}

test('a request that takes too long is answered and told to end, and what it says later is dropped', async () => {
  vi.useFakeTimers()
  try {
    let told: string | null = null
    const slow = method('slow', async (_, { signal }: MethodContext) => {
      signal.onAbort(() => (told = signal.reason))
      await new Promise(resolve => setTimeout(resolve, 5000))
      return { late: true }
    })
    const patient: Method = { ...slow, name: 'patient', ownTimeout: true }
    const { ask, answers } = serve([slow, patient], { requestTimeoutSeconds: 2 })
    ask('slow')
    ask('patient')
    await vi.advanceTimersByTimeAsync(1900)
    expect(answers()).toEqual([])
    await vi.advanceTimersByTimeAsync(200)
    expect(told).toContain('2 seconds')
    await vi.advanceTimersByTimeAsync(5000)
    expect(answers()).toMatchObject([
      { id: 'slow', error: { code: -32003 } },
      { id: 'patient', result: { late: true } },
    ])
  } finally {
    vi.useRealTimers()
  }
})

test('bytes of a result are its data as base64', () => {
  const { ask, answers } = serve([method('give', () => new WithData({ bytes: 3000, note: '"}}' }, long))])
  ask('give')
  expect(answers()).toMatchObject([{ result: { bytes: 3000, note: '"}}', data: long.toString('base64') } }])
})

test('a result with more bytes than a message holds is refused', () => {
  const { ask, answers } = serve([method('give', () => new WithData({}, long))], { maxMessageBytes: 3500 })
  ask('give')
  expect(answers()).toMatchObject([{ error: { code: -32000 } }])
})

test('bytes of a request that has to wait are still the same when its turn comes', async () => {
  let release = (): void => undefined
  const first = method('first', () => new Promise(resolve => (release = () => resolve({}))))
  const got: string[] = []
  const write = method('file.write.chunk', (_, { payload }: MethodContext) => {
    got.push(Buffer.from(payload ?? []).toString())
    return {}
  })
  const { ask } = serve([first, write], { maxConcurrentRequests: 1 })
  ask('first')
  ask('file.write.chunk', { upload: 'u', data: long.toString('base64') })
  expect(got).toEqual([])
  release()
  await vi.waitFor(() => expect(got).toEqual([long.toString()]))
})
