import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Task } from '../../contract/index.ts'
import type { Context } from '../context.ts'
import { TaskRegistry } from '../task/task-registry.ts'
import { guestChanges } from './changes.ts'
import { FakeAgent } from './testing/fake-agent.ts'
import { guestBench, type GuestBench } from './testing/guest-bench.ts'

const context: Context = { principal: { surface: 'cli', name: 'ada' }, signal: new AbortController().signal }

describe('changes in a guest', () => {
  let bench: GuestBench
  let agent: FakeAgent
  const told: Task[] = []
  const make = () => guestChanges(bench.sessions, new TaskRegistry(task => told.push(task)))
  beforeEach(async () => {
    told.length = 0
    bench = await guestBench()
    agent = new FakeAgent()
    bench.serve(0, agent)
  })
  afterEach(() => bench.dispose())

  it('never repeat a password, whatever the guest says about it', async () => {
    const password = 'correct "horse" battery'
    const failure = await make()
      .setPassword({ id: bench.id(0), user: 'root', password }, context)
      .catch((error: unknown) => error)
    expect(failure).toMatchObject({ detail: { kind: 'permission', message: expect.stringContaining('[hidden]') } })
    expect(JSON.stringify(failure)).not.toContain('horse')
    expect(String(failure)).not.toContain('horse')
  })

  it('thaw with the proof that freezing gave, unless another one is told', async () => {
    const changes = make()
    const id = bench.id(0)
    expect(await changes.freeze({ id, timeoutSeconds: 5 }, context)).toMatchObject({ count: 2, token: 'proof' })
    await expect(changes.thaw({ id, token: 'wrong' }, context)).rejects.toMatchObject({
      detail: { kind: 'precondition' },
    })
    expect(await changes.thaw({ id, token: null }, context)).toEqual({ count: 2 })
    await expect(changes.thaw({ id, token: null }, context)).rejects.toMatchObject({ detail: { kind: 'precondition' } })
  })

  it('trim as a task, which fails with the agent’s words', async () => {
    const { taskId } = await make().trim({ id: bench.id(0) }, context)
    await expect
      .poll(() => told.at(-1))
      .toMatchObject({
        ...{ id: taskId, room: 'guest', name: 'trim', state: 'failed', error: { kind: 'unsupported' } },
      })
  })

  it('are refused for a machine that does not run', async () => {
    bench.host.enter(bench.machine(0), 'paused')
    const freezing = make().freeze({ id: bench.id(0), timeoutSeconds: 5 }, context)
    await expect(freezing).rejects.toMatchObject({ detail: { kind: 'precondition', hint: 'Resume it first.' } })
  })
})
