import { RemoteError } from '@vireo/app-main/contract'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { endWith, refused, ScriptedQemuGa } from '../testing/scripted-qemu-ga.ts'

const asking = { signal: new AbortController().signal }
const mounted = [{ name: 'vda', mountpoint: '/', type: 'ext4' }]

/** A guest whose guard sleeps as long as it is asked to; other commands end at once. */
const guest = () => {
  const scripted = new ScriptedQemuGa()
    .on('guest-get-fsinfo', () => mounted)
    .on('guest-fsfreeze-freeze', () => 1)
    .on('guest-fsfreeze-thaw', () => 1)
  let pids = 0
  return scripted
    .on('guest-exec', () => ({ pid: ++pids }))
    .on('guest-exec-status', ({ pid }) => (pid === 1 ? { exited: false } : endWith('')))
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})

afterEach(() => {
  vi.useRealTimers()
})

test('the guest’s own guard stands before it is frozen, and ends with the thaw', async () => {
  const scripted = guest()
  const agent = await scripted.connect()
  const frozen = await agent.freeze({ timeoutSeconds: 30 }, asking)
  expect(frozen.autoThawAt).toBeGreaterThan(Date.now())
  const commands = scripted.asked.map(({ command }) => command)
  expect(commands.indexOf('guest-exec')).toBeLessThan(commands.indexOf('guest-fsfreeze-freeze'))
  const [guard] = scripted.asked.filter(({ command }) => command === 'guest-exec')
  expect(guard?.args).toMatchObject({ path: 'setsid' })
  expect(guard?.args['arg']).toEqual(expect.arrayContaining(['30', '/']))
  expect(await agent.thaw(null, asking)).toBe(1)
  const killer = scripted.asked.filter(({ command }) => command === 'guest-exec').at(-1)
  expect(killer?.args['arg']).toEqual(expect.arrayContaining(['KILL', '1']))
  await vi.advanceTimersByTimeAsync(120_000)
  expect(scripted.count('guest-fsfreeze-thaw')).toBe(1)
})

test('a guest that cannot guard itself is frozen all the same, and says so', async () => {
  const scripted = guest().on('guest-exec-status', () => ({ exited: true, exitcode: 3 }))
  const agent = await scripted.connect()
  expect(await agent.freeze({ timeoutSeconds: 30 }, asking)).toEqual({ count: 1, token: null, autoThawAt: null })
  const blocked = new ScriptedQemuGa(['guest-exec']).on('guest-fsfreeze-freeze', () => 2)
  const other = await blocked.connect()
  expect(await other.freeze({ timeoutSeconds: 30 }, asking)).toEqual({ count: 2, token: null, autoThawAt: null })
})

test('this side thaws when the time is over, tries again until it worked, and does so after the conversation was closed', async () => {
  let failures = 3
  const scripted = guest().on('guest-fsfreeze-thaw', () => {
    if (failures-- > 0) throw new RemoteError({ kind: 'timeout', message: 'late' })
    return 1
  })
  const agent = await scripted.connect()
  await agent.freeze({ timeoutSeconds: 10 }, asking)
  agent.close()
  await vi.advanceTimersByTimeAsync(9_000)
  expect(scripted.count('guest-fsfreeze-thaw')).toBe(0)
  await vi.advanceTimersByTimeAsync(120_000)
  expect(scripted.count('guest-fsfreeze-thaw')).toBe(4)
})

test('a freeze that failed is thawed, because the guest may have heard it', async () => {
  const scripted = guest().on('guest-fsfreeze-freeze', () => {
    throw refused('failed to freeze /')
  })
  const agent = await scripted.connect()
  await expect(agent.freeze({ timeoutSeconds: 10 }, asking)).rejects.toMatchObject({ detail: { kind: 'refused' } })
  await vi.advanceTimersByTimeAsync(1000)
  expect(scripted.count('guest-fsfreeze-thaw')).toBe(1)
})
