import { describe, expect, it } from 'vitest'
import { RemoteError, type BootPhase, type BootStage, type DomainState, type FirstBoot } from '../../contract/index.ts'
import type { CloudInitStatus } from '../../cloud-init/index.ts'
import { FirstBootWatch, usualPatience, type BootExpectation, type BootView } from './first-boot.ts'

const SEEN = { address: '192.168.122.7', claimed: null }
const NOWHERE = { address: null, claimed: null }
const GOOD: CloudInitStatus = { kind: 'ended', datasource: 'DataSourceNoCloud', errors: [] }
const expected: BootExpectation = {
  ...{ name: 'web', user: 'ada', skipped: {}, forward: null, fixedAddress: null, bridged: false, accelerated: true },
}

/** What each look gives in turn; the last one stays. */
interface Course {
  state?: (DomainState | null)[]
  address?: { address: string | null; claimed: string | null }[]
  agent?: (string | null)[]
  cloudInit?: (CloudInitStatus | null)[]
  ssh?: boolean[]
  phase?: (BootPhase | null)[]
}

const watched = (course: Course, change: Partial<BootExpectation> = {}) => {
  const next = <T>(list: T[] | undefined, usual: T): T =>
    list === undefined ? usual : list.length > 1 ? (list.shift() as T) : (list[0] as T)
  const asked: string[] = []
  const view: BootView = {
    state: async () => next(course.state, 'running'),
    address: async () => next(course.address, SEEN),
    agent: async () => next(course.agent, 'the Vireo agent'),
    cloudInit: async () => next(course.cloudInit, GOOD),
    ssh: async (host, port) => {
      asked.push(`${host}:${port}`)
      return next(course.ssh, true)
    },
    phase: () => next(course.phase, null),
    leaveLine: () => void left.push(time),
  }
  const left: number[] = []
  const news: Omit<FirstBoot, 'id'>[] = []
  const steps: string[] = []
  let time = 0
  // Each look at the clock is ten seconds later.
  const patience = { ...usualPatience(true), pauseMs: 0 }
  const watch = new FirstBootWatch(
    view,
    { ...expected, ...change },
    one => void news.push(one),
    patience,
    () => (time += 10_000),
  )
  const stop = new AbortController()
  const run = () => watch.run({ signal: stop.signal, progress: step => void steps.push(step) })
  const states = () => Object.fromEntries((news.at(-1)?.steps ?? []).map(({ stage, state }) => [stage, state]))
  return { run, news, steps, asked, states, stop, left }
}
const done = { running: 'done', address: 'done', agent: 'done', 'cloud-init': 'done', ssh: 'done' }

describe('the first start of a machine', () => {
  it('is followed from stage to stage, and ends with the line to log in', async () => {
    const course = watched({
      state: ['paused', 'running'],
      address: [NOWHERE, SEEN],
      agent: [null, 'the Vireo agent'],
      cloudInit: [{ kind: 'absent' }, { kind: 'working', stage: 'modules-final' }, GOOD],
      ssh: [false, true],
    })
    await course.run()
    expect(course.states()).toEqual(done)
    expect(course.news.at(-1)).toMatchObject({
      address: '192.168.122.7',
      sshCommand: 'ssh ada@192.168.122.7',
      errors: [],
    })
    expect(course.steps).toContain('Waiting for cloud-init: modules-final')
    expect(course.steps.at(-1)).toBe('“web” is ready: ssh ada@192.168.122.7')
    expect(new Set(course.asked)).toEqual(new Set(['192.168.122.7:22']))
  })

  it('says what the serial line tells until an agent answers, and leaves the line then', async () => {
    const kernel: BootPhase = { phase: 'kernel', line: 'Linux version 6.1' }
    const course = watched({
      agent: [null, null, null, 'the Vireo agent'],
      phase: [null, kernel, { phase: 'login', line: 'web login:' }],
      cloudInit: [{ kind: 'working', stage: null }, GOOD],
    })
    await course.run()
    expect(course.steps).toContain('Waiting for its agent: its kernel starts: Linux version 6.1')
    expect(course.steps).toContain('Waiting for its agent: it asks for a login: web login:')
    const told = course.news.map(({ phase }) => phase?.phase ?? null)
    expect(told.filter((phase, at) => phase !== told[at - 1])).toEqual([null, 'kernel', 'login', null])
    expect(course.left.length).toBeGreaterThan(1)
  })

  it('tells what stood on the serial line last when it came to nothing', async () => {
    const stopped: BootPhase = { phase: 'stopped', line: 'Kernel panic - not syncing' }
    const late = watched({ agent: [null], phase: [stopped] })
    await expect(late.run()).rejects.toMatchObject({ detail: { hint: expect.stringContaining(stopped.line) } })
    const off = watched({ agent: [null], phase: [stopped], state: ['running', 'running', 'crashed'] })
    await expect(off.run()).rejects.toMatchObject({ detail: { hint: expect.stringContaining(stopped.line) } })
    expect([late.news.at(-1)?.phase, late.left.length, off.left.length]).toEqual([null, 1, 1])
  })

  it('ends when cloud-init reports errors, or found nobody that told it anything', async () => {
    const failed = watched({ cloudInit: [{ ...GOOD, errors: ['package_update_upgrade_install failed'] }] })
    await expect(failed.run()).rejects.toMatchObject({
      detail: { kind: 'precondition', message: expect.stringContaining('package_update_upgrade_install failed') },
    })
    expect(failed.news.at(-1)).toMatchObject({ errors: ['package_update_upgrade_install failed'] })
    expect(failed.states()).toMatchObject({ 'cloud-init': 'failed' })
    const untold = watched({ cloudInit: [{ ...GOOD, datasource: 'DataSourceNone' }] })
    await expect(untold.run()).rejects.toMatchObject({ detail: { kind: 'precondition' } })
  })

  it.each<[BootStage, Course]>([
    ['address', { address: [NOWHERE] }],
    ['agent', { agent: [null] }],
    ['cloud-init', { cloudInit: [{ kind: 'working', stage: null }] }],
    ['ssh', { ssh: [false] }],
  ])('does not wait for ever: %s', async (stage, course) => {
    const late = watched(course)
    await expect(late.run()).rejects.toMatchObject({ detail: { kind: 'timeout', hint: expect.any(String) } })
    expect(late.states()[stage]).toBe('failed')
    expect(Object.values(late.states())).not.toContain('waiting')
  })

  it('takes what comes late while the rest is waited for', async () => {
    const working: CloudInitStatus = { kind: 'working', stage: null }
    const course = watched({
      address: [...Array.from({ length: 20 }, () => NOWHERE), SEEN],
      cloudInit: [...Array.from({ length: 25 }, () => working), GOOD],
    })
    await course.run()
    expect(course.states()).toEqual(done)
    const failed = course.news.some(({ steps }) =>
      steps.some(({ stage, state }) => stage === 'address' && state === 'failed'),
    )
    expect([failed, course.asked]).toEqual([true, ['192.168.122.7:22']])
  })

  it('ends when the machine goes off or is deleted, and when nobody wants to know any more', async () => {
    for (const state of ['shutoff', 'crashed', null] as const)
      await expect(watched({ state: ['running', state], agent: [null] }).run()).rejects.toMatchObject({
        detail: { kind: 'precondition', message: expect.stringContaining('“web”') },
      })
    const left = watched({ agent: [null] })
    left.stop.abort(new RemoteError({ kind: 'cancelled', message: 'Enough.' }))
    await expect(left.run()).rejects.toThrow('Enough.')
  })

  it('tells that there is no cloud-init in an image', async () => {
    await expect(watched({ cloudInit: [{ kind: 'absent' }] }).run()).rejects.toThrow('There is no cloud-init')
  })

  it('waits for nothing that will not come', async () => {
    const forward = { host: '127.0.0.1', port: 2222 }
    const user = watched({}, { forward, skipped: { address: 'It is behind user networking.' } })
    await user.run()
    expect([user.states()['address'], user.asked]).toEqual(['skipped', ['127.0.0.1:2222']])
    expect(user.news.at(-1)?.sshCommand).toBe('ssh -p 2222 ada@127.0.0.1')
    const silent = watched({}, { skipped: { agent: 'It gets no agent.' } })
    await silent.run()
    expect(silent.states()).toEqual({ ...done, agent: 'skipped', 'cloud-init': 'skipped' })
    const closed = watched({ cloudInit: [null] })
    await closed.run()
    expect(closed.states()).toMatchObject({ 'cloud-init': 'skipped', ssh: 'done' })
    const fixed = watched({ address: [NOWHERE] }, { fixedAddress: '10.0.0.5' })
    await fixed.run()
    expect(fixed.asked).toEqual(['10.0.0.5:22'])
  })

  it('goes to no address that only the machine itself names', async () => {
    const course = watched({ address: [{ address: null, claimed: '10.9.9.9' }] }, { bridged: true })
    await course.run()
    expect([course.states(), course.asked]).toEqual([{ ...done, ssh: 'skipped' }, []])
    expect(course.news.at(-1)).toMatchObject({ address: null, sshCommand: null })
  })

  it('looks again after a look that failed, unless somebody has to mend it', async () => {
    let times = 0
    const view: BootView = {
      state: async () => {
        if (times++ === 0)
          throw new RemoteError({ kind: 'connection', trouble: 'lost', message: 'The daemon is gone.' })
        return 'running'
      },
      address: async () => SEEN,
      agent: async () => 'x',
      cloudInit: async () => GOOD,
      ssh: async () => true,
      phase: () => null,
      leaveLine: () => undefined,
    }
    const operation = { signal: new AbortController().signal, progress: () => undefined }
    const patience = { ...usualPatience(false), pauseMs: 0 }
    await new FirstBootWatch(view, expected, () => undefined, patience).run(operation)
    const refused = new RemoteError({ kind: 'permission', message: 'Locked.' })
    const locked = { ...view, agent: () => Promise.reject(refused) }
    await expect(new FirstBootWatch(locked, expected, () => undefined, patience).run(operation)).rejects.toBe(refused)
  })
})
