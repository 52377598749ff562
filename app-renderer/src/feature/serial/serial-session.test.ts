import { RemoteError } from '@vireo/app-main/contract'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { MemoryStream } from '../console/memory-stream.ts'
import { SerialSession, SILENCE_MS, type SerialSource } from './serial-session.ts'

const text = (value: string) => new TextEncoder().encode(value)
let streams: MemoryStream[]
let open: ReturnType<typeof vi.fn<SerialSource['open']>>
let shown: string
let session: SerialSession
const stream = () => streams.at(-1) ?? expect.fail('no stream was opened')
const turn = () => vi.advanceTimersByTimeAsync(0)
const busy = new RemoteError({ kind: 'busy', message: 'in use', holder: 'virsh (pid 7)' })

beforeEach(() => {
  vi.useFakeTimers()
  streams = []
  shown = ''
  open = vi.fn(async () => {
    streams.push(new MemoryStream())
    return stream()
  })
  session = new SerialSession({ open }, (bytes, parsed) => {
    shown += new TextDecoder().decode(bytes)
    parsed()
  })
})
afterEach(() => {
  session.dispose()
  vi.useRealTimers()
})

test('shows what the guest sends and sends what is typed', async () => {
  session.setAlive(true)
  await turn()
  stream().push(text('login: '))
  expect(session.send(text('root\r'))).toBe(true)
  await turn()
  expect(shown).toBe('login: ')
  expect(new TextDecoder().decode(stream().written[0])).toBe('root\r')
})

test('a line in use says who holds it and is not taken until somebody says so', async () => {
  open.mockRejectedValueOnce(busy)
  session.setAlive(true)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(session.state).toMatchObject({ kind: 'failed', error: { kind: 'busy', holder: 'virsh (pid 7)' } })
  expect(open).toHaveBeenCalledTimes(1)
  session.takeOver()
  await turn()
  expect(open).toHaveBeenLastCalledWith({ takeOver: true })
  expect(session.state).toEqual({ kind: 'open' })
})

test('a line that another took is not fought over, and force is used once', async () => {
  session.setAlive(true)
  session.takeOver()
  await turn()
  stream().fail(busy.detail)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(session.state).toMatchObject({ kind: 'failed', error: { kind: 'busy' } })
  session.retry()
  await turn()
  expect(open).toHaveBeenLastCalledWith({ takeOver: false })
})

test('opens again after the machine restarted', async () => {
  session.setAlive(true)
  await turn()
  stream().fail(undefined)
  await turn()
  expect(session.state.kind).toBe('waiting')
  session.setAlive(false)
  expect(session.state.kind).toBe('off')
  expect(session.send(text('x'))).toBe(false)
  session.setAlive(true)
  await turn()
  stream().push(text('again'))
  expect(shown).toBe('again')
})

test.each([
  ['the first output', () => stream().push(text('x'))],
  ['the first key', () => session.send(text('\r'))],
  ['the end of the line', () => stream().fail(undefined)],
])('a line that says nothing is silent until %s, and listeners hear of both', async (_, end) => {
  const heard: boolean[] = []
  session.setAlive(true)
  await turn()
  session.subscribe(() => heard.push(session.silent))
  await vi.advanceTimersByTimeAsync(SILENCE_MS)
  expect(heard).toEqual([true])
  end()
  await turn()
  expect(session.silent).toBe(false)
  expect(heard[1]).toBe(false)
})

test('a line that speaks at once, and one that is not open, are never silent', async () => {
  await vi.advanceTimersByTimeAsync(SILENCE_MS)
  expect(session.silent).toBe(false)
  session.setAlive(true)
  await turn()
  stream().push(text('login: '))
  await vi.advanceTimersByTimeAsync(SILENCE_MS * 2)
  expect(session.silent).toBe(false)
})

test('a stream that comes too late is closed, and an old one is not heard', async () => {
  session.setAlive(true)
  session.setAlive(false)
  await turn()
  expect(stream().isClosed).toBe(true)
  expect(session.state.kind).toBe('off')
})
