import { type DomainId, RemoteError } from '@vireo/app-main/contract'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createTransferStore, type Job, namesUnderWay, type Report, stopped, type Transfer } from './transfer-store.ts'

const machine = 'a@qemu:///system' as DomainId
const other = 'b@qemu:///system' as DomainId

/** A job that ends when the test says so. */
class ManualJob implements Job {
  runs = 0
  discarded = 0
  report!: Report
  #settle: { resolve: () => void; reject: (error: unknown) => void } | undefined

  run(report: Report, signal: AbortSignal): Promise<void> {
    this.runs++
    this.report = report
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject }
      signal.addEventListener('abort', () => reject(stopped()))
    })
  }
  discard(): void {
    this.discarded++
  }
  end(error?: unknown): Promise<void> {
    if (error === undefined) this.#settle?.resolve()
    else this.#settle?.reject(error)
    return vi.advanceTimersByTimeAsync(0).then(() => undefined)
  }
}

let clock = 0
const store = () => {
  const made = createTransferStore(() => clock)
  const facts = (name: string, where = machine) =>
    ({ machine: where, machineName: 'a', direction: 'upload', name, folder: '/tmp', size: 100 }) as const
  const addAll = (names: readonly string[]) =>
    made.addAll(names.map(name => ({ facts: facts(name), job: new ManualJob() })))
  const add = (name: string, where?: DomainId) => {
    const job = new ManualJob()
    return { id: made.add(facts(name, where), job), job }
  }
  const one = (id: number): Transfer | undefined => made.state.getState().transfers.find(found => found.id === id)
  return { made, add, addAll, one, state: (id: number) => one(id)?.state }
}

beforeEach(() => {
  clock = 0
  vi.useFakeTimers()
})
afterEach(() => vi.useRealTimers())

test('two of a machine run at once, the others wait, and other machines do not wait for them', async () => {
  const { add, state } = store()
  const [a, b, c, d] = [add('a'), add('b'), add('c'), add('d', other)]
  expect([a, b, c, d].map(({ id }) => state(id))).toEqual(['running', 'running', 'waiting', 'running'])
  await a.job.end()
  expect([a, b, c].map(({ id }) => state(id))).toEqual(['done', 'running', 'running'])
})

test('what is stopped goes on when it is resumed, with what it had', async () => {
  const { made, add, one, state } = store()
  const { id, job } = add('a')
  job.report.progress(40)
  await vi.advanceTimersByTimeAsync(250)
  made.cancel(id)
  await vi.advanceTimersByTimeAsync(0)
  expect(one(id)).toMatchObject({ state: 'stopped', bytes: 40, error: null })
  job.report.progress(90)
  await vi.advanceTimersByTimeAsync(250)
  expect(one(id)?.bytes).toBe(40)
  made.resume(id)
  expect(state(id)).toBe('running')
  expect(job.runs).toBe(2)
  job.report.resumed(40)
  expect(one(id)).toMatchObject({ resumedAt: 40, points: [] })
  // The guest's file had changed meanwhile, say: it began anew.
  job.report.resumed(0)
  expect(one(id)).toMatchObject({ resumedAt: 0, points: [] })
  await job.end()
  expect(state(id)).toBe('done')
  made.resume(id)
  expect(job.runs).toBe(2)
})

test('one that was stopped is not run twice at once', async () => {
  const { made, add, state } = store()
  let letGo = (): void => undefined
  const job = {
    runs: 0,
    discard: () => undefined,
    run: () => {
      job.runs++
      return new Promise<void>(resolve => (letGo = resolve))
    },
  }
  const id = made.add({ machine, machineName: '', direction: 'upload', name: 'a', folder: '/', size: 1 }, job)
  made.cancel(id)
  made.resume(id)
  expect([job.runs, state(id)]).toEqual([1, 'waiting'])
  letGo()
  await vi.advanceTimersByTimeAsync(0)
  expect(add('b').job.runs).toBe(1)
})

test('a failure is told with its reason and can be tried again', async () => {
  const { made, add, one } = store()
  const ended: (string | undefined)[] = []
  made.onEnded(transfer => ended.push(transfer.error?.message ?? 'done'))
  const { id, job } = add('a')
  await job.end(new RemoteError({ kind: 'precondition', message: 'The disk is full.' }))
  expect(one(id)).toMatchObject({ state: 'failed', error: { message: 'The disk is full.' } })
  made.resume(id)
  expect(one(id)).toMatchObject({ state: 'running', error: null })
  await job.end()
  expect(ended).toEqual(['The disk is full.', 'done'])
})

test('what is removed is given up once, when it has let go', async () => {
  const { made, add, state } = store()
  const { id, job } = add('a')
  made.remove(id)
  expect([state(id), job.discarded]).toEqual([undefined, 0])
  await vi.advanceTimersByTimeAsync(0)
  expect(job.discarded).toBe(1)
  const second = add('b')
  await second.job.end()
  made.clearDone(machine)
  expect([state(second.id), second.job.discarded]).toEqual([undefined, 1])
})

test('a hundred thousand reports are painted a few times a second, and the speed is that of what really moved', async () => {
  const { made, add, one } = store()
  const { id, job } = add('a')
  let paintings = 0
  made.state.subscribe(() => paintings++)
  for (let second = 0; second < 2; second++)
    for (let tick = 0; tick < 10; tick++) {
      clock += 100
      for (let report = 0; report < 1000; report++) job.report.progress(second * 10 + tick)
      await vi.advanceTimersByTimeAsync(100)
    }
  expect(paintings).toBeLessThanOrEqual(11)
  expect(one(id)?.points.length).toBeGreaterThan(2)
})

test('a thousand files are put on the list at once, in order', () => {
  const { made, addAll } = store()
  let changes = 0
  made.state.subscribe(() => changes++)
  const names = Array.from({ length: 1000 }, (_, at) => `${at}`)
  addAll(names)
  const all = made.state.getState().transfers
  expect(all.map(({ name }) => name)).toEqual(names)
  expect(all.filter(({ state }) => state === 'running')).toHaveLength(2)
  expect(changes).toBeLessThan(5)
})

test('the list stays bounded', async () => {
  const { made, add } = store()
  for (let count = 0; count < 300; count++) await add('x').job.end()
  expect(made.state.getState().transfers.length).toBeLessThanOrEqual(201)
})

test('a name is taken by an upload to that folder until it is done, also by one that failed or waits', async () => {
  const { made, add } = store()
  const [a, b, , , , elsewhere] = [add('a'), add('b'), add('c'), add('d'), add('e'), add('x', other)]
  await a.job.end(new Error('broken'))
  await b.job.end()
  const names = (folder: string) => [...namesUnderWay(made.state.getState().transfers, machine, folder)]
  expect([names('/tmp'), names('/srv')]).toEqual([['a', 'c', 'd', 'e'], []])
  await elsewhere.job.end()
})
