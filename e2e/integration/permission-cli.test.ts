import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, chown, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { vireo, type CliEnd } from '../fixture/cli.ts'
import { ensurePolkit, type Daemons } from '../fixture/daemons.ts'
import { testDomain, type TestDomain } from '../fixture/domain.ts'
import { publicProgram, type PublicProgram } from '../fixture/public-program.ts'
import { run } from '../fixture/run.ts'
import { testUser, type TestUser } from '../fixture/test-user.ts'

let polkit: Daemons
let program: PublicProgram
let domain: TestDomain
let outsider: TestUser
let member: TestUser

beforeAll(async () => {
  polkit = await ensurePolkit()
  program = await publicProgram()
  domain = await testDomain({ kind: 'blank', prefix: 't-faults', start: false })
  outsider = await testUser()
  member = await testUser(['libvirt'])
})

afterAll(async () => {
  await Promise.all([outsider, member, domain].map(async one => one.dispose()))
  await program[Symbol.asyncDispose]()
  await polkit.stop()
})

/** Runs `vireo` as this user, without a terminal: nobody can be asked for a password. */
const as = (user: TestUser, ...args: readonly string[]): Promise<CliEnd> =>
  vireo(args, { command: [...user.prefix, ...program.command], env: user.env, cwd: user.env['HOME'] ?? '/' })

const system = ['--connection', 'qemu:///system'] as const

describe('a user outside the group libvirt', () => {
  test('sees the machines of the system, without being asked', async () => {
    const { code, out } = await as(outsider, 'list', '--json', ...system)
    expect(code).toBe(0)
    expect(JSON.parse(out)).toContainEqual(expect.objectContaining({ name: domain.name, state: 'shutoff' }))
  })

  test('is refused what changes them, with the rule and the command that mends it', async () => {
    const { code, out, err } = await as(outsider, 'start', ...system, domain.name)
    expect({ code, out }).toEqual({ code: 4, out: '' })
    expect(err).toContain('org.libvirt.unix.manage')
    expect(err).toContain(`sudo usermod -aG libvirt ${outsider.name}`)
    expect(err).toContain('log in again')
    expect(await domain.state()).toBe('shut off')
  })

  test('has a session of their own, whose daemon is started for them', async () => {
    const socket = join(outsider.env['XDG_RUNTIME_DIR'] ?? '', 'libvirt/libvirt-sock')
    expect(existsSync(socket)).toBe(false)
    const { code, out } = await as(outsider, 'list', '--json', '--connection', 'qemu:///session')
    expect({ code, machines: JSON.parse(out) as unknown }).toEqual({ code: 0, machines: [] })
    expect(existsSync(socket)).toBe(true)
  })

  test('gets both at once without naming either', async () => {
    const { code, out } = await as(outsider, 'connections', '--json')
    expect(code).toBe(0)
    const states = (JSON.parse(out) as { uri: string; state: string; readOnly: boolean }[]).map(
      ({ uri, state, readOnly }) => ({ uri, state, readOnly }),
    )
    expect(states).toContainEqual({ uri: 'qemu:///system', state: 'ready', readOnly: true })
    expect(states).toContainEqual({ uri: 'qemu:///session', state: 'ready', readOnly: false })
  })
})

/** Runs `vireo` at a terminal of its own and answers the question for a password; gives the exit code and all that was shown. */
const atTerminal = async (user: TestUser, args: readonly string[], answer: string) => {
  const line = [...user.prefix, ...program.command, ...args].join(' ')
  const child = spawn('script', ['-qec', line, '/dev/null'], {
    ...{ cwd: '/', env: { ...process.env, ...user.env } },
    ...{ stdio: ['pipe', 'pipe', 'inherit'], timeout: 60_000 },
  })
  let shown = ''
  child.stdout.on('data', (chunk: Buffer) => {
    const asked = shown.includes('Password:')
    shown += chunk.toString()
    if (!asked && shown.includes('Password:')) child.stdin.write(answer)
  })
  const code = await new Promise(resolve => child.once('close', resolve))
  return { code, shown }
}

describe('at a terminal polkit asks for a password', () => {
  test('a wrong one is refused, and nothing happens', async () => {
    const { code, shown } = await atTerminal(outsider, ['start', ...system, domain.name], 'wrong\n')
    expect(code).toBe(4)
    expect(shown).toContain('polkit refused the action org.libvirt.unix.manage')
    expect(await domain.state()).toBe('shut off')
  })

  test('Ctrl+C cancels, and nothing happens', async () => {
    const { code, shown } = await atTerminal(outsider, ['start', ...system, domain.name], '\u0003')
    expect(code).toBe(130)
    expect(shown).not.toContain('    at ')
    expect(await domain.state()).toBe('shut off')
  })

  test('looking asks nobody', async () => {
    const { code, shown } = await atTerminal(outsider, ['list', ...system], '')
    expect(code).toBe(0)
    expect(shown).toContain(domain.name)
    expect(shown).not.toContain('Password')
  })
})

test('a user inside the group starts and stops machines of the system', async () => {
  expect(await as(member, 'start', ...system, domain.name)).toMatchObject({ code: 0 })
  expect(await domain.state()).toBe('running')
  expect(await as(member, 'destroy', ...system, domain.name)).toMatchObject({ code: 0 })
  expect(await domain.state()).toBe('shut off')
})

test('an ISO that machines cannot read is copied, or used where it lies after what Vireo shows was run', async () => {
  const home = join(member.env['HOME'] ?? '', 'media')
  await mkdir(home, { mode: 0o700 })
  const iso = join(home, 'one.iso')
  await writeFile(join(home, 'content'), 'content')
  await run('xorriso', ['-as', 'mkisofs', '-quiet', '-o', iso, join(home, 'content')])
  await chmod(iso, 0o600)
  for (const path of [home, iso]) await chown(path, member.uid, -1)
  const plan = async () => {
    const name = `t-faults-iso-${member.uid}`
    const { code, out, err } = await as(member, 'create', iso, '--name', name, '--dry-run', '--json', ...system)
    expect(code, err).toBe(0)
    return JSON.parse(out) as {
      copied?: { user: string; obstacles: string[]; commands: string[] }
      files: { kind: string; path: string; made: boolean }[]
    }
  }
  const before = await plan()
  expect(before.copied?.obstacles).toEqual(expect.arrayContaining([home, iso]))
  expect(before.files.find(({ kind }) => kind === 'iso')).toMatchObject({ made: true })
  const [setpriv, ...prefix] = member.prefix
  for (const command of before.copied?.commands ?? []) await run(setpriv, [...prefix, 'sh', '-c', command])
  const after = await plan()
  expect(after.copied).toBeUndefined()
  expect(after.files.find(({ kind }) => kind === 'iso')).toMatchObject({ path: iso, made: false })
})
