import { ExecSpec, RemoteError } from '@vireo/app-main/contract'
import { afterEach, expect, test, vi } from 'vitest'
import type { ExecInput } from '../guest-agent.ts'
import { settled, type Heard, type ScriptedAgent } from '../testing/scripted-agent.ts'
import { scriptedVireo } from '../testing/scripted-vireo.ts'

const asking = { signal: new AbortController().signal }
const END = {
  ...{ id: 1, exit_code: 0, signal: null, timed_out: false, cancelled: false, stdout_truncated: false },
  ...{ stderr_truncated: false, stdout_bytes: 0, stderr_bytes: 0, duration_ms: 5 },
}

const kindOf = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'nothing failed',
    (error: unknown) => (error instanceof RemoteError ? error.detail.kind : error),
  )

const output = (guest: ScriptedAgent, data: string | Buffer, stream = 'stdout', id = 1) =>
  guest.notice('exec.output', { id, stream, data: Buffer.from(data).toString('base64') })

/** An agent that starts everything as number 1, and what the command wrote so far. */
const started = async (onStart: (guest: ScriptedAgent) => void = () => undefined) => {
  const heard: Heard[] = []
  const { guest, agent } = await scriptedVireo(request => {
    heard.push(request)
    if (request.method !== 'exec.start') return request.method === 'exec.ack' ? undefined : {}
    guest.result(request.id, { id: 1, pid: 100 })
    onStart(guest)
    return undefined
  })
  const written: string[] = []
  const input: ExecInput = {
    onOutput: (stream, bytes) => void written.push(`${stream}:${Buffer.from(bytes).toString()}`),
  }
  return { guest, agent, written, input, heard }
}

afterEach(() => {
  vi.useRealTimers()
})

test('output and end that come in one piece with the start are not lost', async () => {
  const { agent, written, input } = await started(guest => {
    output(guest, 'one')
    output(guest, 'two', 'stderr')
    output(guest, 'not ours', 'stdout', 77)
    guest.notice('exec.end', { ...END, exit_code: 3 })
  })
  const end = await agent.exec(ExecSpec.parse({ shell: 'x' }), input, asking)
  expect(end).toEqual({ exitCode: 3, signal: null, timedOut: false, truncated: false, durationMs: 5 })
  expect(written).toEqual(['stdout:one', 'stderr:two'])
})

test('input is sent in pieces that fit a line, then its end', async () => {
  const { agent, guest, heard, input } = await started()
  const stdin = (async function* () {
    yield Buffer.alloc(100_000, 'a')
    yield Buffer.from('b')
  })()
  const running = agent.exec(ExecSpec.parse({ args: ['cat'] }), { ...input, stdin }, asking)
  await vi.waitFor(() => expect(heard.at(-1)?.params).toEqual({ id: 1, eof: true }))
  guest.notice('exec.end', END)
  await running
  const sent = heard
    .filter(one => one.method === 'exec.stdin')
    .map(one => String(Reflect.get(Object(one.params), 'data') ?? ''))
  expect(Buffer.concat(sent.map(data => Buffer.from(data, 'base64'))).toString()).toBe(`${'a'.repeat(100_000)}b`)
  expect(Math.max(...sent.map(data => data.length))).toBeLessThan(64 * 1024)
})

test('a command that ends before its input leaves nothing behind', async () => {
  const { agent, guest, input } = await started()
  let closed = false
  const stdin: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise(() => undefined),
      return: async () => {
        closed = true
        return { done: true, value: undefined }
      },
    }),
  }
  const running = agent.exec(ExecSpec.parse({ args: ['true'] }), { ...input, stdin }, asking)
  await settled()
  guest.notice('exec.end', END)
  expect((await running).exitCode).toBe(0)
  await settled()
  expect(closed).toBe(true)
})

test('a slow reader is granted more only as it reads', async () => {
  const { agent, guest, heard } = await started()
  const gate: (() => void)[] = []
  const running = agent.exec(
    ExecSpec.parse({ shell: 'x' }),
    { onOutput: () => new Promise<void>(resolve => gate.push(resolve)) },
    asking,
  )
  await settled()
  for (let index = 0; index < 4; index++) output(guest, Buffer.alloc(64 * 1024))
  await settled()
  const acks = () => heard.filter(one => one.method === 'exec.ack').map(one => one.params)
  expect(acks()).toEqual([])
  gate.shift()?.()
  await settled()
  expect(acks()).toEqual([{ id: 1, bytes: 64 * 1024 }])
  guest.notice('exec.end', END)
  for (let index = 0; index < 3; index++) {
    await settled()
    gate.shift()?.()
  }
  expect((await running).exitCode).toBe(0)
})

test('a guest that sends more than it was granted is cut off', async () => {
  const { agent, guest, heard } = await started()
  const running = kindOf(
    agent.exec(ExecSpec.parse({ shell: 'x' }), { onOutput: () => new Promise(() => undefined) }, asking),
  )
  await settled()
  for (let index = 0; index < 8; index++) output(guest, Buffer.alloc(64 * 1024))
  expect(await running).toBe('refused')
  await settled()
  expect(heard.map(one => one.method)).toContain('exec.cancel')
})

test('a guest that never stops is cut off, although its reader takes everything', async () => {
  const { agent, guest, input } = await started()
  const running = kindOf(agent.exec(ExecSpec.parse({ shell: 'x', maxOutputBytes: 1000 }), input, asking))
  for (let index = 0; index < 20; index++) {
    await settled()
    output(guest, Buffer.alloc(32 * 1024))
  }
  expect(await running).toBe('refused')
})

test('of more output than was asked for only that much is handed over', async () => {
  const { agent, written, input } = await started(guest => {
    output(guest, 'abcdef')
    output(guest, 'ghi')
    guest.notice('exec.end', END)
  })
  const end = await agent.exec(ExecSpec.parse({ shell: 'x', maxOutputBytes: 4 }), input, asking)
  expect(written).toEqual(['stdout:abcd'])
  expect(end.truncated).toBe(true)
})

test('who gives up kills the command, also one that has not started yet', async () => {
  const { agent, guest, heard, input } = await started()
  const controller = new AbortController()
  const running = kindOf(agent.exec(ExecSpec.parse({ shell: 'x' }), input, controller))
  await settled()
  controller.abort()
  expect(await running).toBe('cancelled')
  await settled()
  expect(heard.at(-1)).toMatchObject({ method: 'exec.cancel', params: { id: 1 } })
  guest.guest.destroy()

  const late = await scriptedVireo()
  const other = new AbortController()
  const starting = kindOf(late.agent.exec(ExecSpec.parse({ shell: 'x' }), input, other))
  await settled()
  other.abort()
  expect(await starting).toBe('cancelled')
  late.guest.result(late.guest.heard.shift()?.id ?? '', { id: 9, pid: 1 })
  await settled()
  expect(late.guest.heard.map(one => [one.method, one.params])).toEqual([['exec.cancel', { id: 9 }]])
})

test('a command whose end never comes fails some time after its own limit', async () => {
  vi.useFakeTimers()
  const { agent, input } = await started()
  const running = kindOf(agent.exec(ExecSpec.parse({ shell: 'x', timeoutSeconds: 1 }), input, asking))
  await vi.advanceTimersByTimeAsync(32_000)
  expect(await running).toBe('timeout')
})

test('the end of the conversation fails what runs', async () => {
  const { agent, guest, input } = await started()
  const running = kindOf(agent.exec(ExecSpec.parse({ shell: 'x' }), input, asking))
  await settled()
  guest.guest.destroy()
  expect(await running).toBe('connection')
})

test('a reader that fails fails the command and kills it', async () => {
  const { agent, guest, heard } = await started()
  const running = agent.exec(
    ExecSpec.parse({ shell: 'x' }),
    {
      onOutput: async () => {
        throw new Error('disk full here')
      },
    },
    asking,
  )
  const failure = running.catch((error: unknown) => error)
  await settled()
  output(guest, 'x')
  expect(await failure).toEqual(new Error('disk full here'))
  await settled()
  expect(heard.at(-1)?.method).toBe('exec.cancel')
})

test('a command that the agent has forgotten fails long before its time', async () => {
  vi.useFakeTimers()
  let known = [{ id: 1, pid: 1, command: 'x', running_ms: 1 }]
  const { guest, agent } = await scriptedVireo(({ id, method }) => {
    if (method === 'exec.list') return { commands: known }
    if (method === 'exec.start') guest.result(id, { id: 1, pid: 1 })
    return undefined
  })
  let outcome: unknown = 'runs'
  const running = kindOf(
    agent.exec(ExecSpec.parse({ shell: 'x', timeoutSeconds: 600 }), { onOutput: () => undefined }, asking),
  ).then(kind => (outcome = kind))
  for (let step = 0; step < 4; step++) await vi.advanceTimersByTimeAsync(10_100)
  expect(outcome).toBe('runs')
  known = []
  for (let step = 0; step < 3; step++) await vi.advanceTimersByTimeAsync(10_100)
  await running
  expect(outcome).toBe('connection')
})
