import { RemoteError } from '@vireo/app-main/contract'
import { describe, expect, it } from 'vitest'
import { refused, ScriptedQemuGa } from '../testing/scripted-qemu-ga.ts'
import * as schema from './schema.ts'
import { Talk } from './talk.ts'

const signal = new AbortController().signal
const answering = (text: string) => {
  const { link } = new ScriptedQemuGa()
  return new Talk({ ...link, agentCommand: async () => text })
}
const failing = (error: Error) => {
  const { link } = new ScriptedQemuGa()
  return new Talk({ ...link, agentCommand: () => Promise.reject(error) })
}
const kindOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'nothing failed',
    (error: unknown) => (error instanceof RemoteError ? error.detail.kind : error),
  )

describe('answers', () => {
  it('are what stands under return, and unknown fields are left out', async () => {
    const talk = answering('{"return":{"pid":7,"__proto__":{"evil":1},"more":[1]},"more":1}')
    expect(await talk.ask('guest-exec', schema.pid, { signal })).toStrictEqual({ pid: 7 })
    expect({}).not.toHaveProperty('evil')
  })

  for (const [what, text] of [
    ['no JSON', 'ready.'],
    ['nothing', ''],
    ['no object', '7'],
    ['null', 'null'],
    ['no result', '{"error":{"class":"GenericError"}}'],
    ['an inherited result', '{"__proto__":{"return":{"pid":1}}}'],
    ['a negative number', '{"return":{"pid":-1}}'],
    ['a huge number', '{"return":{"pid":1e300}}'],
    ['a fraction', '{"return":{"pid":1.5}}'],
    ['a text for a number', '{"return":{"pid":"1"}}'],
    ['deep nesting', `{"return":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
  ] as const)
    it(`that are ${what} are refused, and do not end the conversation`, async () => {
      const talk = answering(text)
      expect(await kindOf(talk.ask('guest-exec', schema.pid, { signal }))).toBe('refused')
      expect(talk.over).toBe(false)
    })
})

describe('failures', () => {
  it('are told apart by what the guest says, which is shown as plain text', async () => {
    const said = async (message: string) => kindOf(failing(refused(message)).ask('x', schema.nothing, { signal }))
    expect(await said('The command guest-x has not been found')).toBe('unsupported')
    expect(await said('Command guest-exec has been disabled: the agent is in frozen state')).toBe('precondition')
    expect(await said('failed to open file: No such file or directory')).toBe('not-found')
    expect(await said('failed to open file: Permission denied')).toBe('permission')
    expect(await said('something else')).toBe('refused')
    const odd = failing(refused('\u001b[2J<b>')).ask('x', schema.nothing, { signal })
    await expect(odd).rejects.toThrow('The guest agent said: \ufffd[2J<b>')
  })

  it('of the way to the guest end the conversation, and a missed answer does not', async () => {
    const late = failing(new RemoteError({ kind: 'timeout', message: 'late' }))
    expect(await kindOf(late.ask('x', schema.nothing, { signal }))).toBe('timeout')
    expect(late.over).toBe(false)
    const gone = failing(new RemoteError({ kind: 'precondition', message: 'not connected' }))
    expect(await kindOf(gone.ask('x', schema.nothing, { signal }))).toBe('precondition')
    await gone.closed
    expect(await kindOf(gone.ask('x', schema.nothing, { signal }))).toBe('connection')
  })
})

describe('questions', () => {
  it('that do not fit into the agent’s socket are refused before anything is sent', async () => {
    const guest = new ScriptedQemuGa()
    const talk = new Talk(guest.link)
    const args = { arg: ['x'.repeat(200_000)] }
    expect(await kindOf(talk.ask('guest-exec', schema.pid, { args, signal }))).toBe('invalid-input')
    expect(guest.asked).toEqual([])
  })

  it('are given up at once, and what they did after all is undone', async () => {
    let answer: (text: string) => void = () => undefined
    const { link } = new ScriptedQemuGa()
    const talk = new Talk({ ...link, agentCommand: () => new Promise(resolve => (answer = resolve)) })
    const gaveUp = new AbortController()
    const undone = new Promise(resolve => {
      const asking = talk.ask('guest-exec', schema.pid, { signal: gaveUp.signal }, resolve)
      gaveUp.abort()
      void kindOf(asking).then(kind => {
        expect(kind).toBe('cancelled')
        answer('{"return":{"pid":7}}')
      })
    })
    expect(await undone).toEqual({ pid: 7 })
  })
})
