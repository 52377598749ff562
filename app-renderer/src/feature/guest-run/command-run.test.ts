import { type DomainId, encodeExecFrame } from '@vireo/app-main/contract'
import { expect, test, vi } from 'vitest'
import { MemoryStream } from '../console/memory-stream.ts'
import { KEPT, KEPT_PIECES, readable, runCommand } from './command-run.ts'

const id = 'k@qemu:///system' as DomainId
const bytes = (text: string) => new TextEncoder().encode(text)
const end = (changed: object = {}) =>
  bytes(
    JSON.stringify({
      ...{ exitCode: 0, signal: null, timedOut: false, truncated: false, durationMs: 5, method: 'agent' },
      ...changed,
    }),
  )

const started = async () => {
  const stream = new MemoryStream()
  const open = vi.fn(async () => stream)
  const run = runCommand(open, { id, command: 'ls', user: '', method: 'auto' })
  await vi.waitFor(() => expect(open).toHaveBeenCalled())
  await Promise.resolve()
  return { stream, open, run, state: run.state }
}

test('output comes as it is written, each kind apart, letters whole though their bytes come in pieces', async () => {
  const { stream, state, open } = await started()
  expect(open).toHaveBeenCalledWith(
    expect.objectContaining({ id, method: 'auto', spec: expect.objectContaining({ shell: 'ls' }) }),
  )
  // The command's input is empty.
  await vi.waitFor(() => expect(stream.written).toEqual([encodeExecFrame('stdinEnd')]))
  const euro = bytes('€')
  stream.push(encodeExecFrame('stdout', euro.slice(0, 1)))
  stream.push(encodeExecFrame('stdout', euro.slice(1)))
  stream.push(encodeExecFrame('stderr', bytes('no')))
  stream.push(encodeExecFrame('stdout', bytes('more')))
  expect(state.getState().pieces).toEqual([
    { stream: 'stdout', text: '€' },
    { stream: 'stderr', text: 'no' },
    { stream: 'stdout', text: 'more' },
  ])
  expect(state.getState().done).toBe(false)
  stream.push(encodeExecFrame('end', end({ exitCode: 3 })))
  stream.fail(undefined)
  await vi.waitFor(() => expect(state.getState()).toMatchObject({ done: true, error: null, result: { exitCode: 3 } }))
})

test('of a flood the newest is kept', async () => {
  const { stream, state } = await started()
  for (let at = 0; at < 30; at++) stream.push(encodeExecFrame('stdout', bytes(`${at % 10}`.repeat(10_000))))
  const { pieces, cut } = state.getState()
  const text = pieces.map(piece => piece.text).join('')
  expect([text.length, cut, text.at(-1)]).toEqual([KEPT, true, '9'])
})

test('output and errors that take turns do not grow without end', async () => {
  const { stream, state } = await started()
  for (let at = 0; at < KEPT_PIECES + 10; at++)
    stream.push(encodeExecFrame(at % 2 === 0 ? 'stdout' : 'stderr', bytes(`${at},`)))
  const { pieces, cut } = state.getState()
  expect([pieces.length, cut, pieces.at(-1)]).toEqual([
    KEPT_PIECES,
    true,
    { stream: 'stderr', text: `${KEPT_PIECES + 9},` },
  ])
})

test('cancelling closes the stream, which stops the command', async () => {
  const { stream, run, state } = await started()
  run.cancel()
  expect(stream.isClosed).toBe(true)
  expect(state.getState()).toMatchObject({ cancelled: true, done: true, error: null })
})

test('a failure is told, also one before the stream is open, and a stream that is none', async () => {
  const refused = runCommand(async () => Promise.reject(new Error('no agent')), {
    id,
    command: 'ls',
    user: 'ann',
    method: 'serial',
  })
  await vi.waitFor(() => expect(refused.state.getState()).toMatchObject({ done: true, error: { message: 'no agent' } }))
  const { stream, state } = await started()
  stream.push(Uint8Array.of(99, 0, 0, 0, 0))
  await vi.waitFor(() => expect(state.getState()).toMatchObject({ done: true, error: { kind: 'refused' } }))
})

test('escapes and controls of a guest are never obeyed', () => {
  expect(readable('\u001b[31mred\u001b[0m \u001b]0;title\u0007x\u0008')).toBe('red x\ufffd')
  expect(readable('10%\r20%\r100%\r\ndone')).toBe('100%\ndone')
  expect(readable('<b>not markup</b>')).toBe('<b>not markup</b>')
})

test('long lines are read through once', () => {
  const long = 'a'.repeat(KEPT)
  expect(readable(long)).toBe(long)
  expect(readable('\r'.repeat(KEPT))).toBe('')
  expect(readable(`${'\r'.repeat(KEPT)}\nb`)).toBe('\nb')
  expect(readable(`x\r${long}\r\r\ny\r`)).toBe(`${long}\n`)
})
