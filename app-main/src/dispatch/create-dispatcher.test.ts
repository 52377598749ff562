import { PassThrough, type Duplex } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it, vi, type MockInstance } from 'vitest'
import { z } from 'zod'
import { Emitter } from '../base/emitter.ts'
import { RemoteError, call, event, stream } from '../contract/index.ts'
import type { Context, Principal } from '../service/context.ts'
import { createDispatcher } from './create-dispatcher.ts'
import type { PublishedEvent } from './dispatcher.ts'

const Size = z.object({ size: z.number().int() })
const contract = {
  thing: {
    look: call({ summary: '', effect: 'read', input: Size, output: Size }),
    measure: call({ summary: '', effect: 'inspect', input: Size, output: Size }),
    grow: call({
      summary: '',
      effect: 'change',
      input: Size.extend({ password: z.string().optional() }),
      output: Size,
    }),
    hang: call({ summary: '', effect: 'read', deadlineMs: 5, input: z.object({}), output: Size }),
    work: call({ summary: '', effect: 'destroy', input: z.object({}), output: z.object({ taskId: z.string() }) }),
    bytes: stream({ summary: '', effect: 'read', input: z.object({}) }),
    news: event(Size),
  },
} as const

const person: Principal = { surface: 'cli', name: 'ada' }
const never = new Promise<never>(() => undefined)

const bench = (
  overrides: Partial<Record<'look' | 'grow', (input: { size: number }, context: Context) => Promise<unknown>>> = {},
) => {
  const records: Record<string, unknown>[] = []
  const events = new Emitter<PublishedEvent>()
  const order: string[] = []
  const answer = (name: 'look' | 'grow') => async (input: { size: number }, context: Context) => {
    order.push(name)
    return ((await overrides[name]?.(input, context)) ?? { size: input.size }) as { size: number }
  }
  const dispatcher = createDispatcher({
    contract,
    handlers: {
      thing: {
        look: answer('look'),
        grow: answer('grow'),
        measure: answer('look'),
        hang: () => never,
        work: async () => ({ taskId: 'task-1' }),
        bytes: async (): Promise<Duplex> => new PassThrough(),
      },
    },
    events,
    audit: {
      async write(record) {
        records.push(record)
        order.push('audit')
      },
    },
  })
  return { dispatcher, records, events, order }
}

describe('the dispatcher', () => {
  let said: MockInstance
  beforeEach(() => void (said = vi.spyOn(process.stderr, 'write').mockReturnValue(true)))
  afterEach(() => said.mockRestore())

  it.each([
    ['thing', 'nothing'],
    ['__proto__', 'look'],
    ['thing', '__proto__'],
    ['thing', 'constructor'],
    ['constructor', 'prototype'],
    ['thing', 'toString'],
    ['thing', 'news'],
    ['thing', 'bytes'],
  ])('refuses to call %s.%s', async (room, name) => {
    const reply = await bench().dispatcher.call(person, room, name, {})
    expect(reply).toMatchObject({ ok: false, error: { kind: 'invalid-input' } })
  })

  it('opens streams only', async () => {
    const { dispatcher } = bench()
    expect(await dispatcher.open(person, 'thing', 'look', { size: 1 })).toMatchObject({ ok: false })
    const opened = await dispatcher.open(person, 'thing', 'bytes', {})
    expect(opened).toMatchObject({ ok: true, stream: expect.any(PassThrough) })
  })

  it('names what is wrong with an input and does not run', async () => {
    const { dispatcher, order } = bench()
    const reply = await dispatcher.call(person, 'thing', 'grow', { size: 'big' })
    expect(reply).toMatchObject({
      ok: false,
      error: { kind: 'invalid-input', issues: [expect.stringMatching(/^size: /)] },
    })
    expect(order).toEqual([])
  })

  it('lets a reader look and refuses it a change, before the input is even judged', async () => {
    const { dispatcher, order } = bench()
    const reader = { ...person, readOnly: true }
    expect(await dispatcher.call(reader, 'thing', 'look', { size: 2 })).toEqual({ ok: true, value: { size: 2 } })
    expect(await dispatcher.call(reader, 'thing', 'grow', {})).toMatchObject({ ok: false, error: { kind: 'refused' } })
    expect(order).toEqual(['look'])
  })

  it('records a change before and after it, without its secrets, and a look not at all', async () => {
    const { dispatcher, records, order } = bench()
    await dispatcher.call(person, 'thing', 'look', { size: 1 })
    await dispatcher.call(person, 'thing', 'grow', { size: 3, password: 'hunter2' })
    expect(order).toEqual(['look', 'audit', 'grow', 'audit'])
    expect(records[0]).toMatchObject({ who: 'ada', call: 'thing.grow', input: { size: 3, password: '[hidden]' } })
    expect(records[1]).toMatchObject({ id: records[0]?.['id'], outcome: 'ok' })
    expect(JSON.stringify(records)).not.toContain('hunter2')
  })

  it('records nothing of a call that only inspects, which is not for a reader all the same', async () => {
    const { dispatcher, order } = bench()
    expect(await dispatcher.call(person, 'thing', 'measure', { size: 2 })).toMatchObject({ ok: true })
    expect(order).toEqual(['look'])
    const reader = { ...person, readOnly: true }
    expect(await dispatcher.call(reader, 'thing', 'measure', { size: 2 })).toMatchObject({
      ok: false,
      error: { kind: 'refused', message: expect.not.stringContaining('changes something') },
    })
    expect(order).toEqual(['look'])
  })

  it('records how a task ended', async () => {
    const { dispatcher, records, events } = bench()
    await dispatcher.call(person, 'thing', 'work', {})
    events.fire({ room: 'task', name: 'changed', payload: { id: 'task-1', state: 'running', error: null } })
    events.fire({
      room: 'task',
      name: 'changed',
      payload: { id: 'task-1', state: 'failed', error: { kind: 'timeout' } },
    })
    expect(records.slice(1)).toMatchObject([
      { outcome: 'started', task: 'task-1' },
      { task: 'task-1', outcome: 'failed', error: { kind: 'timeout' } },
    ])
  })

  it('passes typed failures on, and makes the rest internal, logged once', async () => {
    const typed = { kind: 'precondition', message: 'It is full.' } as const
    const known = bench({ grow: () => Promise.reject(new RemoteError(typed)) })
    expect(await known.dispatcher.call(person, 'thing', 'grow', { size: 1 })).toEqual({ ok: false, error: typed })
    expect(said).not.toHaveBeenCalled()
    const unknown = bench({ grow: () => Promise.reject(new TypeError('x is undefined')) })
    expect(await unknown.dispatcher.call(person, 'thing', 'grow', { size: 1 })).toMatchObject({
      ok: false,
      error: { kind: 'internal' },
    })
    expect(said).toHaveBeenCalledOnce()
  })

  it('does not let an answer out that breaks the contract', async () => {
    const { dispatcher } = bench({ look: async () => ({ size: 'big' }) })
    expect(await dispatcher.call(person, 'thing', 'look', { size: 1 })).toMatchObject({
      ok: false,
      error: { kind: 'internal' },
    })
  })

  it('ends a call at its deadline, and when its caller gives up', async () => {
    const { dispatcher } = bench({ look: () => never })
    expect(await dispatcher.call(person, 'thing', 'hang', {})).toMatchObject({ ok: false, error: { kind: 'timeout' } })
    const controller = new AbortController()
    const reply = dispatcher.call(person, 'thing', 'look', { size: 1 }, controller.signal)
    controller.abort()
    expect(await reply).toMatchObject({ ok: false, error: { kind: 'cancelled' } })
  })
})
