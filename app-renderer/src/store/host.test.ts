import { type HostLog, type HostStatus, RemoteError, type TaskId, type VireoClient } from '@vireo/app-main/contract'
import { expect, test, vi } from 'vitest'
import { createHostStore } from './host.ts'
import { statusOf } from './testing-host.ts'

const logOf = (part: Partial<HostLog>): HostLog => ({
  taskId: '00000000-0000-4000-8000-000000000000' as TaskId,
  ...{ hypervisor: 'kvm', action: 'start', undo: false, state: 'running', error: null, undoable: false },
  ...{ startedAt: 0, lines: [], dropped: 0 },
  ...part,
})

const deferred = <T>() => {
  let [resolve, reject]: [(value: T) => void, (error: Error) => void] = [() => {}, () => {}]
  const promise = new Promise<T>((yes, no) => ([resolve, reject] = [yes, no]))
  return { promise, resolve, reject }
}

const bench = () => {
  const answers = deferred<HostStatus>()
  const heard: { changed?: (status: HostStatus) => void; logged?: (log: HostLog) => void } = {}
  const host = {
    changed: (listener: (status: HostStatus) => void) => void (heard.changed = listener),
    logged: (listener: (log: HostLog) => void) => void (heard.logged = listener),
    status: vi.fn(() => answers.promise),
    detect: vi.fn(() => answers.promise),
    log: vi.fn(async (): Promise<HostLog | null> => null),
    check: vi.fn(async () => ({ overall: 'OK', checks: [] })),
  }
  const store = createHostStore({ host } as unknown as VireoClient)
  return { store, host, heard, answers }
}

test('nothing is looked at before somebody wants to see it', async () => {
  const { store, host } = bench()
  await store.reload()
  expect(host.status).not.toHaveBeenCalled()
})

test('news that come before an older answer stay', async () => {
  const { store, heard, answers } = bench()
  const looking = store.look()
  heard.changed?.(statusOf({}, { kernel: 'new' }))
  answers.resolve(statusOf({}, { kernel: 'old' }))
  await looking
  expect(store.state.getState().status?.kernel).toBe('new')
})

test('a look that fails keeps what is known and says why; the next one clears it', async () => {
  const { store, host, heard } = bench()
  heard.changed?.(statusOf())
  host.status.mockRejectedValueOnce(new RemoteError({ kind: 'timeout', message: 'too slow' }))
  await store.look()
  expect(store.state.getState()).toMatchObject({ status: { platform: 'Linux' }, error: { kind: 'timeout' } })
  host.status.mockResolvedValueOnce(statusOf())
  await store.reload()
  expect(store.state.getState().error).toBeNull()
})

test('an action that nobody knows any more after a restart is no longer under way', async () => {
  const { store, heard, host } = bench()
  host.status.mockResolvedValue(statusOf())
  heard.logged?.(logOf({}))
  heard.logged?.(logOf({ hypervisor: 'lxd' }))
  host.log.mockImplementationOnce(async () => logOf({ state: 'done' }))
  await store.look()
  expect([...store.state.getState().logs.values()]).toEqual([logOf({ state: 'done' })])
})

test('one look at a time, and it is over also when it failed', async () => {
  const { store, host, answers } = bench()
  const [first, second] = [store.detect(), store.detect()]
  await second
  expect(host.detect).toHaveBeenCalledOnce()
  expect(store.state.getState().looking).toBe(true)
  answers.reject(new RemoteError({ kind: 'internal', message: 'no' }))
  await first
  expect(store.state.getState()).toMatchObject({ looking: false, error: { message: 'no' } })
})

test('the report of the doctor, and why there is none', async () => {
  const { store, host } = bench()
  await store.examine()
  expect(store.state.getState()).toMatchObject({ report: { overall: 'OK' }, examining: false })
  host.check.mockRejectedValueOnce(new RemoteError({ kind: 'timeout', message: 'too slow' }))
  await store.examine()
  expect(store.state.getState()).toMatchObject({ report: { overall: 'OK' }, reportError: { kind: 'timeout' } })
})
