import {
  type DomainId,
  encodeTerminalFrame,
  type TerminalFrameKind,
  terminalFrameReader,
} from '@vireo/app-main/contract'
import { beforeEach, expect, test, vi } from 'vitest'
import { MemoryStream } from '../console/memory-stream.ts'
import { SerialSession } from '../serial/serial-session.ts'
import { TerminalSource } from './terminal-source.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const json = (value: unknown) => bytes(JSON.stringify(value))
const ID = 'one@test:///default' as DomainId

let frames: MemoryStream
let terminal: ReturnType<typeof vi.fn<(input: { id: string; columns: number; rows: number }) => Promise<MemoryStream>>>
let source: TerminalSource

beforeEach(() => {
  frames = new MemoryStream()
  terminal = vi.fn(async () => frames)
  source = new TerminalSource(terminal, ID)
})
const sent = (): [TerminalFrameKind, string][] => {
  const all: [TerminalFrameKind, string][] = []
  const read = terminalFrameReader((kind, content) => all.push([kind, new TextDecoder().decode(content)]))
  for (const one of frames.written) read(one)
  return all
}

test('output comes out of its frames, however they are cut, and is acknowledged when it was shown', async () => {
  const stream = await source.open()
  let shown = ''
  const owed: (() => void)[] = []
  stream.onData((part, done) => {
    shown += new TextDecoder().decode(part)
    owed.push(done)
  })
  const two = ['one ', 'two'].flatMap(text => [...encodeTerminalFrame('output', bytes(text))])
  const all = new Uint8Array(two)
  frames.push(all.subarray(0, 7))
  expect([frames.outstanding, owed.length]).toEqual([0, 0])
  frames.push(all.subarray(7))
  expect(shown).toBe('one two')
  expect(frames.outstanding).toBe(1)
  for (const done of owed) done()
  expect(frames.outstanding).toBe(0)
})

test('what is typed goes in frames, and the size of the terminal with it', async () => {
  source.resized(100, 40)
  const opening = source.open()
  source.resized(5000, 1)
  const stream = await opening
  await stream.write(bytes('ls\r'))
  source.resized(120, 50)
  expect(terminal).toHaveBeenCalledWith({ id: ID, columns: 100, rows: 40 })
  expect(sent()).toEqual([
    ['resize', '{"columns":1000,"rows":2}'],
    ['input', 'ls\r'],
    ['resize', '{"columns":120,"rows":50}'],
  ])
})

test('nobody logs in again by itself after the end of a session, but a connection that breaks is made anew', async () => {
  vi.useFakeTimers()
  const session = new SerialSession(source, (_, parsed) => parsed())
  const turn = () => vi.advanceTimersByTimeAsync(0)
  session.setAlive(true)
  await turn()
  frames.push(encodeTerminalFrame('end', json({ exitCode: 3, lost: false })))
  frames.fail(undefined)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(session.state).toMatchObject({ kind: 'failed', error: { kind: 'cancelled' } })
  expect(source.end).toEqual({ exitCode: 3, lost: false })
  expect(terminal).toHaveBeenCalledTimes(1)
  frames = new MemoryStream()
  session.retry()
  await turn()
  expect(source.end).toBeNull()
  frames.fail({ kind: 'connection', trouble: 'lost', message: 'cut off' })
  await turn()
  expect(session.state.kind).toBe('waiting')
  session.dispose()
  vi.useRealTimers()
})
