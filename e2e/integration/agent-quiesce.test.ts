import { spawn } from 'node:child_process'
import { chmod, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { AgentLine, gone, ptyLine, startAgent, type AgentOptions } from '../fixture/agent.ts'
import { loopFilesystem } from '../fixture/tiny-filesystem.ts'
import { lives, until } from '../fixture/wait.ts'

/** Agents that other tests start must not thaw what this one's left. */
const channel = `t-quiesce-${process.pid}`
const config = { channel_name: channel }
const note = `/run/${channel}.frozen`

interface Probe {
  /** Whether the write has come through. */
  readonly written: () => boolean
  /** Resolves when it does. */
  readonly done: Promise<unknown>
}

/** Writes to a filesystem from a process of its own: it stands still while that is frozen. */
const write = (folder: string): Probe => {
  const child = spawn('/bin/sh', ['-c', `echo x > ${folder}/probe`], { stdio: 'ignore' })
  let written = false
  const done = new Promise(resolve => {
    child.once('exit', code => {
      written = true
      resolve(code)
    })
  })
  return { written: () => written, done }
}

/** A write that has not come through after a moment in which an unhindered one surely does. */
const standsStill = async (folder: string): Promise<Probe> => {
  const probe = write(folder)
  await sleep(500)
  expect(probe.written()).toBe(false)
  return probe
}

const freeze = async (line: AgentLine, folder: string, options: object = {}): Promise<string> => {
  const frozen = await line.call('quiesce.freeze', { mount_points: [folder], timeout_seconds: 60, ...options })
  expect(frozen.filesystems).toMatchObject([{ mount_point: folder, fs_type: 'ext4' }])
  return String(frozen.token)
}

const guardPid = async (): Promise<number> => {
  const value: unknown = JSON.parse(await readFile(note, 'utf8'))
  if (typeof value !== 'object' || value === null || !('pid' in value)) throw new Error('no note of the guard')
  return Number(value.pid)
}

test('a write stands still from freeze to thaw, and the agent refuses its own', async () => {
  await using disk = await loopFilesystem()
  await using agent = await startAgent({ config })
  const token = await freeze(agent.line, disk.folder)
  const probe = await standsStill(disk.folder)
  const refused = await agent.line.ask('file_write', { path: join(disk.folder, 'file'), content: 'x' })
  expect(refused.error).toMatchObject({ code: -32005, data: { reason: 'frozen' } })
  expect(await agent.line.call('quiesce.status')).toMatchObject({ state: 'frozen', filesystems: [{}] })
  const again = await agent.line.ask('quiesce.freeze', { mount_points: [disk.folder] })
  expect(again.error).toMatchObject({ code: -32005, data: { reason: 'frozen' } })
  expect(await agent.line.call('quiesce.thaw', { token })).toMatchObject({ thawed: 1, hooks: [] })
  expect(await probe.done).toBe(0)
  await agent.line.call('file_write', { path: join(disk.folder, 'file'), content: 'x' })
  expect(await agent.line.call('quiesce.status')).toEqual({
    state: 'thawed',
    auto_thaw_at_ms: null,
    filesystems: [],
    last_thaw: 'asked',
  })
})

test('another token thaws nothing', async () => {
  await using disk = await loopFilesystem()
  await using agent = await startAgent({ config })
  const token = await freeze(agent.line, disk.folder)
  const wrong = await agent.line.ask('quiesce.thaw', { token: '0'.repeat(32) })
  expect(wrong.error).toMatchObject({ code: -32005, data: { reason: 'token' } })
  expect((await agent.line.ask('quiesce.thaw', {})).error?.code).toBe(-32602)
  const probe = await standsStill(disk.folder)
  await agent.line.call('quiesce.thaw', { token })
  await probe.done
  const late = await agent.line.ask('quiesce.thaw', { token })
  expect(late.error).toMatchObject({ code: -32005, data: { reason: 'not-frozen' } })
})

test('it thaws by itself when the time is over, and says so to whoever comes late', async () => {
  await using disk = await loopFilesystem()
  await using agent = await startAgent({ config })
  const token = await freeze(agent.line, disk.folder, { timeout_seconds: 1 })
  await write(disk.folder).done
  const late = await agent.line.ask('quiesce.thaw', { token })
  expect(late.error).toMatchObject({ code: -32005, message: 'It thawed by itself: the time was over' })
  expect(await agent.line.call('quiesce.status')).toMatchObject({ state: 'thawed', last_thaw: 'timeout' })
})

test('it thaws by itself although the host is gone', async () => {
  await using disk = await loopFilesystem()
  await using pty = await ptyLine()
  await using other = await startAgent()
  // The terminal's number is given to somebody else at once.
  const device = join(other.folder, 'port')
  await symlink(pty.device, device)
  await using agent = await startAgent({ config, device })
  await freeze(new AgentLine(pty.duplex), disk.folder, { timeout_seconds: 2 })
  const probe = await standsStill(disk.folder)
  await rm(device)
  await pty.hangUp()
  await probe.done
  expect(lives(agent.pid)).toBe(true)
})

test('it thaws when the agent is killed', async () => {
  await using disk = await loopFilesystem()
  await using agent = await startAgent({ config })
  await freeze(agent.line, disk.folder)
  const probe = await standsStill(disk.folder)
  agent.kill('SIGKILL')
  await probe.done
})

test('it thaws when the service is stopped', async () => {
  await using disk = await loopFilesystem()
  await using agent = await startAgent({ config })
  await freeze(agent.line, disk.folder)
  const probe = await standsStill(disk.folder)
  agent.kill('SIGTERM')
  await probe.done
  expect(await agent.exited).toBe(0)
})

test('it thaws when its guard is killed, and the token is worth nothing then', async () => {
  await using disk = await loopFilesystem()
  await using agent = await startAgent({ config })
  const token = await freeze(agent.line, disk.folder)
  const probe = await standsStill(disk.folder)
  process.kill(await guardPid(), 'SIGKILL')
  await probe.done
  const late = await agent.line.ask('quiesce.thaw', { token })
  expect(late.error).toMatchObject({ code: -32005, data: { reason: 'not-frozen' } })
  expect(await agent.line.call('quiesce.status')).toMatchObject({ state: 'thawed', last_thaw: 'killed' })
})

test('when agent and guard are killed in one moment, the next agent thaws', async () => {
  await using disk = await loopFilesystem()
  await using agent = await startAgent({ config })
  await freeze(agent.line, disk.folder)
  const guard = await guardPid()
  // Neither can act on the other's end.
  process.kill(guard, 'SIGSTOP')
  agent.kill('SIGKILL')
  await gone(agent.pid)
  process.kill(guard, 'SIGKILL')
  await gone(guard)
  const probe = await standsStill(disk.folder)
  await using next = await startAgent({ config })
  await probe.done
  await next.line.call('ping')
  expect(next.log()).toContain('thawed what a killed agent left frozen')
  await expect(readFile(note)).rejects.toThrow('ENOENT')
})

test('all or nothing: what was frozen thaws when another cannot be', async () => {
  await using disk = await loopFilesystem()
  await using agent = await startAgent({ config })
  const { error } = await agent.line.ask('quiesce.freeze', { mount_points: [disk.folder, '/proc'] })
  expect(error).toMatchObject({ code: -32000, message: 'Cannot freeze /proc: Operation not supported (os error 95)' })
  await write(disk.folder).done
  expect(await agent.line.call('quiesce.status')).toMatchObject({ state: 'thawed' })
  const missing = await agent.line.ask('quiesce.freeze', { mount_points: [disk.folder, '/no/such'] })
  expect(missing.error?.code).toBe(-32002)
})

interface Hooks {
  readonly options: AgentOptions
  /** What the hooks wrote down, in their order. */
  readonly told: () => Promise<string>
}

const hooksIn = async (folder: string, scripts: Readonly<Record<string, string>>): Promise<Hooks> => {
  const [pre, post, told] = ['pre.d', 'post.d', 'told'].map(name => join(folder, name))
  if (pre === undefined || post === undefined || told === undefined) throw new Error('no folders')
  await mkdir(pre)
  await mkdir(post)
  for (const [name, body] of Object.entries(scripts)) {
    const path = join(folder, name)
    await writeFile(path, `#!/bin/sh\necho "\${0##*/} $1" >> ${told}\n${body}\n`)
    await chmod(path, 0o755)
  }
  await writeFile(told, '')
  return {
    options: { config: { ...config, pre_freeze_script_dir: pre, post_thaw_script_dir: post } },
    told: async () => readFile(told, 'utf8'),
  }
}

test('hooks run before and after, in the order of their names', async () => {
  await using disk = await loopFilesystem()
  await using other = await startAgent()
  const hooks = await hooksIn(other.folder, { 'pre.d/20-b': 'echo second', 'pre.d/10-a': '', 'post.d/30-c': 'exit 3' })
  await using agent = await startAgent(hooks.options)
  const frozen = await agent.line.call('quiesce.freeze', { mount_points: [disk.folder] })
  expect(frozen.hooks).toEqual([
    { name: '10-a', exit_code: 0, output: '' },
    { name: '20-b', exit_code: 0, output: 'second\n' },
  ])
  const thawed = await agent.line.call('quiesce.thaw', { token: frozen.token })
  expect(thawed.hooks).toEqual([{ name: '30-c', exit_code: 3, output: '' }])
  expect(await hooks.told()).toBe('10-a freeze\n20-b freeze\n30-c thaw\n')
  const token = await freeze(agent.line, disk.folder, { hooks: false })
  expect(await agent.line.call('quiesce.thaw', { token })).toMatchObject({ hooks: [] })
})

test('a hook that fails stops the freeze, and those after the thaw run nevertheless', async () => {
  await using disk = await loopFilesystem()
  await using other = await startAgent()
  const hooks = await hooksIn(other.folder, { 'pre.d/10-a': 'echo no; exit 1', 'pre.d/20-b': '', 'post.d/c': '' })
  await using agent = await startAgent(hooks.options)
  const { error } = await agent.line.ask('quiesce.freeze', { mount_points: [disk.folder] })
  expect(error).toMatchObject({ code: -32000, message: 'The hook 10-a failed: no' })
  await write(disk.folder).done
  expect(await hooks.told()).toBe('10-a freeze\nc thaw\n')
})

test('hooks that somebody else may change, or that are left-overs, do not run', async () => {
  await using disk = await loopFilesystem()
  await using other = await startAgent()
  const names = ['10-loose', '20-plain', '30-old.dpkg-old', '.hidden']
  const hooks = await hooksIn(other.folder, Object.fromEntries(names.map(name => [`pre.d/${name}`, ''])))
  await chmod(join(other.folder, 'pre.d/10-loose'), 0o777)
  await chmod(join(other.folder, 'pre.d/20-plain'), 0o644)
  await using agent = await startAgent(hooks.options)
  const token = await freeze(agent.line, disk.folder)
  await agent.line.call('quiesce.thaw', { token })
  expect(await hooks.told()).toBe('')
})

test('the hooks after the thaw run although the agent was killed', async () => {
  await using disk = await loopFilesystem()
  await using other = await startAgent()
  const hooks = await hooksIn(other.folder, { 'post.d/c': '' })
  await using agent = await startAgent(hooks.options)
  await freeze(agent.line, disk.folder)
  agent.kill('SIGKILL')
  await until('the hook', async () => (await hooks.told()) === 'c thaw\n')
})

test('blocks are trimmed, and where that cannot be said so', async () => {
  await using disk = await loopFilesystem()
  await using agent = await startAgent({ config })
  const trimmed = await agent.line.call('filesystem.trim', { mount_points: [disk.folder, '/proc'] })
  expect(trimmed.filesystems).toEqual([
    { mount_point: disk.folder, trimmed_bytes: trimmed.trimmed_bytes, error: null },
    { mount_point: '/proc', trimmed_bytes: 0, error: expect.stringContaining('/proc') },
  ])
  expect(trimmed.trimmed_bytes).toBeGreaterThan(1024 * 1024)
  const missing = await agent.line.ask('filesystem.trim', { mount_points: ['/no/such'] })
  expect(missing.error?.code).toBe(-32002)
})
