import { describe, expect, it } from 'vitest'
import { RemoteError, type Task, type TaskId } from '../../contract/index.ts'
import { TaskRegistry, type TaskSpec } from './task-registry.ts'

const spec = (change: Partial<TaskSpec> = {}): TaskSpec => ({
  ...{ room: 'domain', name: 'start', title: 'Start', target: 'k@test:///x', targetName: 'web', overrides: false },
  ...change,
})
const offer = (name: string) => ({ room: 'domain', name, input: {} })

const bench = (now: () => number = () => 0) => {
  const told: Task[] = []
  const registry = new TaskRegistry(task => told.push(task), now)
  const ended = async (id: TaskId): Promise<Task> => {
    for (;;) {
      const task = told.findLast(one => one.id === id)
      if (task && task.state !== 'running') return task
      await new Promise(resolve => setImmediate(resolve))
    }
  }
  return { registry, told, ended }
}
const untilAborted = ({ signal }: { signal: AbortSignal }) =>
  new Promise<void>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))

describe('tasks', () => {
  it('tell their beginning, their steps and their end, with the way back', async () => {
    const { registry, told, ended } = bench()
    const { taskId } = registry.start(spec({ undo: offer('resume') }), async ({ progress }) => progress('booting', 2))
    await ended(taskId)
    expect(told.map(({ state, step, progress }) => [state, step, progress])).toEqual([
      ['running', null, null],
      ['running', 'booting', 1],
      ['done', 'booting', 1],
    ])
    expect(told.at(-1)).toMatchObject({ offer: offer('resume'), endedAt: 0 })
  })

  it('fail with a typed error and the next step', async () => {
    const { registry, ended } = bench()
    const remedy = () => offer('destroy')
    const error = { kind: 'timeout', message: 'It ignored us.' } as const
    const { taskId } = registry.start(spec({ remedy }), () => Promise.reject(new RemoteError(error)))
    expect(await ended(taskId)).toMatchObject({ state: 'failed', error, offer: offer('destroy') })
  })

  it('are cancelled once, while they run', async () => {
    const { registry, ended } = bench()
    const { taskId } = registry.start(spec(), untilAborted)
    registry.cancel(taskId)
    expect(await ended(taskId)).toMatchObject({ state: 'cancelled', error: { kind: 'cancelled' } })
    expect(() => registry.cancel(taskId)).toThrow('already ended')
    expect(() => registry.cancel(crypto.randomUUID() as TaskId)).toThrow('no such task')
  })

  it('do not work on one machine at a time, except to get out', async () => {
    const { registry, ended } = bench()
    const first = registry.start(spec({ name: 'shutdown', title: 'Shut down' }), untilAborted)
    expect(() => registry.start(spec(), async () => {})).toThrow('"Shut down" is still under way')
    const other = registry.start(spec({ target: 'other@test:///x' }), async () => {})
    const force = registry.start(spec({ name: 'destroy', overrides: true }), async () => {})
    expect([await ended(other.taskId), await ended(force.taskId)]).toMatchObject([{ state: 'done' }, { state: 'done' }])
    registry.dispose()
    expect(await ended(first.taskId)).toMatchObject({ state: 'cancelled' })
    expect(await ended(registry.start(spec(), async () => {}).taskId)).toMatchObject({ state: 'done' })
  })

  it('are forgotten an hour after their end, and when there are too many', async () => {
    let now = 0
    const { registry, ended } = bench(() => now)
    const running = registry.start(spec({ target: 'long@test:///x' }), untilAborted)
    await ended(registry.start(spec(), async () => {}).taskId)
    now = 3_600_001
    expect(registry.list().map(({ id }) => id)).toEqual([running.taskId])
    for (let count = 0; count < 510; count++) await ended(registry.start(spec(), async () => {}).taskId)
    expect(registry.list()).toHaveLength(501)
    registry.dispose()
  })
})
