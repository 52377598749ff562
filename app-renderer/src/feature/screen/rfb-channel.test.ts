import { expect, test, vi } from 'vitest'
import { MemoryStream } from '../console/memory-stream.ts'
import { rfbChannel } from './rfb-channel.ts'

const bytes = (...values: number[]) => Uint8Array.from(values)
const open = (stream: MemoryStream, onFault: (error: unknown) => void = () => {}) => {
  const { channel, start } = rfbChannel(stream, onFault)
  start()
  return channel
}
const settled = () => new Promise(resolve => setTimeout(resolve))

test('has every member that noVNC looks for as its own property', () => {
  const own = Object.keys(open(new MemoryStream()))
  for (const name of ['send', 'close', 'binaryType', 'onerror', 'onmessage', 'onopen', 'protocol', 'readyState'])
    expect(own).toContain(name)
})

test('hands bytes over and acknowledges them only after they were taken', () => {
  const stream = new MemoryStream()
  const channel = open(stream)
  const seen: number[] = []
  channel.onmessage = event => {
    expect(stream.outstanding).toBe(1)
    seen.push(...new Uint8Array(event.data as ArrayBuffer))
  }
  stream.push(bytes(1, 2))
  stream.push(bytes(3))
  expect(seen).toEqual([1, 2, 3])
  expect(stream.outstanding).toBe(0)
})

test('what noVNC throws at the bytes closes the stream and is reported', async () => {
  const stream = new MemoryStream()
  const onFault = vi.fn()
  const channel = open(stream, onFault)
  channel.onmessage = () => {
    throw new Error('garbage')
  }
  stream.push(bytes(0))
  expect(onFault).toHaveBeenCalledWith(new Error('garbage'))
  expect(stream.isClosed).toBe(true)
  expect(stream.outstanding).toBe(0)
  await settled()
  expect(channel.readyState).toBe('closed')
})

test('the end of the stream closes the channel once, and nothing is sent after it', async () => {
  const stream = new MemoryStream()
  const channel = open(stream)
  channel.onclose = vi.fn()
  channel.onerror = vi.fn()
  stream.fail({ kind: 'connection', trouble: 'lost', message: 'gone' })
  await settled()
  channel.send(bytes(1))
  await settled()
  expect(channel.onclose).toHaveBeenCalledTimes(1)
  expect(channel.onerror).toHaveBeenCalledTimes(1)
  expect(stream.written).toEqual([])
})

test('sends copies, because noVNC reuses its buffer', async () => {
  const stream = new MemoryStream()
  const channel = open(stream)
  const buffer = bytes(7)
  channel.send(buffer)
  buffer[0] = 9
  await settled()
  expect(stream.written).toEqual([bytes(7)])
})

test('a server that takes nothing is cut off instead of filling memory', async () => {
  const stream = new MemoryStream()
  stream.write = () => new Promise(() => {})
  const channel = open(stream)
  for (let i = 0; i < 20; i++) channel.send(new Uint8Array(100_000))
  expect(stream.isClosed).toBe(true)
  await settled()
  expect(channel.readyState).toBe('closed')
})

test('a piece is handed over a little at a time, and no further once noVNC has closed', () => {
  const stream = new MemoryStream()
  const channel = open(stream)
  const seen: number[] = []
  channel.onmessage = event => {
    seen.push(new Uint8Array(event.data as ArrayBuffer).length)
    if (seen.length === 2) channel.close()
  }
  stream.push(new Uint8Array(64 * 1024))
  expect(seen).toEqual([4096, 4096])
  expect(stream.outstanding).toBe(0)
})
