/** The command line around a real Debian guest and its real qemu-ga. */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cli, type Cli } from '../fixture/cli-user.ts'
import { testDomain, type TestDomain } from '../fixture/domain.ts'
import { cliProgram, startServer } from '../fixture/server.ts'
import { until } from '../fixture/wait.ts'

const URI = 'qemu:///system'
/** Their work is done in the guest, by software emulation. */
const SLOW = 240_000

describe('vireo inside a Debian guest', () => {
  let vireo: Cli
  let machine: TestDomain
  const folder = () => vireo.env['HOME'] ?? ''
  const run = (args: readonly string[], input = '') => vireo.run([...args, '-c', URI], input)
  /** Options stand before the command. */
  const exec = (options: readonly string[], command: readonly string[], input = '') =>
    vireo.run(['exec', machine.name, '-c', URI, ...options, '--', ...command], input)
  const shell = async (script: string): Promise<string> => {
    const { code, out, err } = await exec([], ['sh', '-c', script])
    expect(code, err).toBe(0)
    return out
  }

  beforeAll(async () => {
    vireo = await cli()
    machine = await testDomain({ kind: 'debian', prefix: 't-guestservice', network: 'default' })
    await machine.ready()
  })
  afterAll(async () => {
    await machine?.dispose()
    await vireo[Symbol.asyncDispose]()
  })

  it('runs commands: output apart, exit code, input, environment, folder, user', { timeout: SLOW }, async () => {
    expect(await exec([], ['sh', '-c', 'echo out; echo err >&2; exit 7'])).toEqual({
      code: 7,
      out: 'out\n',
      err: 'err\n',
    })
    expect(await exec([], ['cat'], 'first\nsecond')).toMatchObject({ code: 0, out: 'first\nsecond' })
    const options = ['--env', 'A=1 2', '--env', 'B=$A', '--cwd', '/var/tmp', '--user', 'nobody']
    const told = await exec(options, ['sh', '-c', 'echo "$A,$B,$(pwd),$(id -un)"'])
    expect(told, told.err).toMatchObject({ code: 0, out: '1 2,$A,/var/tmp,nobody\n' })
    const asked = await exec(['--json', '--shell'], ['echo $((6 * 7)) | tr 4 5; exit 3'])
    expect(asked.code).toBe(3)
    expect(JSON.parse(asked.out)).toMatchObject({ exitCode: 3, method: 'agent', stdout: '52\n', timedOut: false })
  })

  it('kills a command whose time is up, and says so with 124', { timeout: SLOW }, async () => {
    const outcome = await exec(['--timeout', '2'], ['sleep', '4321'])
    expect(outcome).toMatchObject({ code: 124, err: expect.stringContaining('time was up') })
    expect(await shell('pgrep -x -f "sleep 4321" || echo none')).toBe('none\n')
  })

  it('kills the command that Ctrl+C interrupts', { timeout: SLOW }, async () => {
    const args = ['exec', machine.name, '-c', URI, '--', 'sleep', '8765']
    const child = spawn(process.execPath, [cliProgram, ...args], {
      env: { ...process.env, ...vireo.env },
      stdio: 'ignore',
    })
    const ended = new Promise<number | null>(resolve => child.once('close', code => resolve(code)))
    await until(
      'the command',
      async () => (await shell('pgrep -x -f "sleep 8765" || true')) !== '' || undefined,
      60_000,
    )
    child.kill('SIGINT')
    expect(await ended).toBe(130)
    expect(await shell('pgrep -x -f "sleep 8765" || echo none')).toBe('none\n')
  })

  it('copies there and back, whole, and replaces nothing unasked', { timeout: SLOW }, async () => {
    const [file, back] = [join(folder(), 'random'), join(folder(), 'back')]
    const bytes = randomBytes(1024 * 1024)
    await writeFile(file, bytes, { mode: 0o750 })
    const there = `${machine.name}:/var/tmp/random`
    expect(await run(['cp', file, there])).toMatchObject({ code: 0, out: '' })
    expect(await shell('stat -c "%a %s" /var/tmp/random')).toBe(`750 ${bytes.length}\n`)
    const refused = await run(['cp', file, there])
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('is there already') })
    expect(await run(['cp', there, back])).toMatchObject({ code: 0 })
    expect((await readFile(back)).equals(bytes)).toBe(true)
    expect(await run(['cp', '-', `${machine.name}:/var/tmp/piped`], 'through a pipe')).toMatchObject({ code: 0 })
    expect(await run(['cp', `${machine.name}:/var/tmp/piped`, '-'])).toMatchObject({ code: 0, out: 'through a pipe' })
  })

  it('never lets a file name lead out of the chosen folder', { timeout: SLOW }, async () => {
    const evil = String.raw`mkdir -p /var/tmp/evil/in && cd /var/tmp/evil && echo 1 >in/fine && echo 2 >"$(printf 'a\nb')" &&
      echo 3 >"$(printf '\033]0;x\007')" && echo 4 >'..;' && ln -s /etc/shadow link && echo 5 >'-rf'`
    await shell(evil)
    const to = join(folder(), 'chosen')
    const outcome = await run(['cp', '--recursive', `${machine.name}:/var/tmp/evil`, to])
    expect(outcome.code, outcome.err).toBe(0)
    expect(outcome.err).not.toMatch(/[\u001b\u0007]/)
    expect(outcome.err).toContain(String.raw`a\u{a}b`)
    expect((await readdir(to)).sort()).toEqual(['-rf', '..;', 'in'])
    expect(await readdir(join(to, 'in'))).toEqual(['fine'])
    expect(await run(['cp', `${machine.name}:/var/tmp/evil`, to])).toMatchObject({
      ...{ code: 1, err: expect.stringContaining('--recursive') },
    })
    expect(await run(['cp', `${machine.name}:/var/tmp/evil/..`, to])).toMatchObject({ code: 1 })
  })

  it('tells about the inside as tables and as JSON', { timeout: SLOW }, async () => {
    const { out } = await run(['guest', 'info', machine.name, '--json'])
    expect(JSON.parse(out)).toMatchObject({
      ...{ dialect: 'qemu-ga', system: { hostname: 'vireo-debian', osId: 'debian', cpuCount: 1 } },
      filesystems: expect.arrayContaining([expect.objectContaining({ mountPoint: '/', type: 'ext4' })]),
    })
    expect((await run(['guest', 'df', machine.name])).out).toMatch(/^MOUNTED .*\n\/ +\/dev\/vda +ext4 /)
    expect((await run(['guest', 'ps', machine.name])).out).toMatch(/\n1 +0 +root .*\/sbin\/init/)
    expect((await run(['guest', 'status', machine.name])).out).toMatch(/\nqemu-ga +answering /)
    expect((await run(['guest', 'ls', machine.name, '/'])).out).toMatch(/\nl\S+ +root .* bin -> usr\/bin\n/)
    const services = await run(['guest', 'services', machine.name])
    expect(services).toMatchObject({ code: 1, err: expect.stringContaining('vireo agent install') })
  })

  it('measures while somebody watches', { timeout: SLOW }, async () => {
    const args = ['guest', 'top', machine.name, '-c', URI, '--json', '--interval', '1']
    const child = spawn(process.execPath, [cliProgram, ...args], {
      env: { ...process.env, ...vireo.env },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let text = ''
    child.stdout.on('data', (bytes: Buffer) => (text += bytes.toString()))
    const ended = new Promise(resolve => child.once('close', resolve))
    await until('two measurements', async () => text.split('\n').length > 2 || undefined, 100_000)
    child.kill('SIGINT')
    expect(await ended).toBe(0)
    const [first, second] = text.split('\n').map(line => (line ? (JSON.parse(line) as { at: number }) : null))
    expect(second?.at).toBeGreaterThan(first?.at ?? Number.NaN)
    expect(first).toMatchObject({ memoryTotalBytes: expect.any(Number), interfaces: expect.any(Array) })
  })

  it('thaws what another process froze', { timeout: SLOW }, async () => {
    expect(await run(['guest', 'freeze', machine.name, '--timeout-seconds', '60'])).toMatchObject({ code: 0 })
    const busy = await exec([], ['true'])
    expect(busy).toMatchObject({ code: 1, err: expect.stringContaining('frozen') })
    expect(await run(['guest', 'thaw', machine.name])).toMatchObject({
      code: 0,
      out: expect.stringContaining('Thawed'),
    })
    expect(await exec([], ['true'])).toMatchObject({ code: 0 })
  })

  it('changes nothing for somebody who may only look', { timeout: SLOW }, async () => {
    const server = await startServer({ connections: [URI], args: ['--read-only'] })
    const entered = await fetch(server.url, { redirect: 'manual' })
    const cookie = entered.headers.get('set-cookie')?.split(';')[0] ?? ''
    const headers = { cookie, origin: server.origin, 'content-type': 'application/json' }
    const ask = async (name: string, input: object): Promise<unknown> => {
      const body = JSON.stringify({ id: `${machine.uuid}@${URI}`, ...input })
      return (await fetch(`${server.origin}/api/v1/guest/${name}`, { method: 'POST', headers, body })).json()
    }
    try {
      for (const [name, input] of Object.entries({
        setPassword: { user: 'root', password: 'a secret' },
        kill: { pid: 1 },
        freeze: {},
        makeDirectory: { path: '/var/tmp/never' },
      })) {
        const refusal = { kind: 'refused', message: expect.stringContaining('may only look') }
        expect(await ask(name, input)).toMatchObject({ error: refusal })
      }
    } finally {
      await server.stop()
    }
    expect(await shell('ls -d /var/tmp/never 2>/dev/null || echo none')).toBe('none\n')
  })

  it('keeps the values of a command’s environment out of the audit log', { timeout: SLOW }, async () => {
    await exec(['--env', 'TOKEN=very secret'], ['true'])
    const log = await readFile(join(vireo.env['XDG_STATE_HOME'] ?? '', 'vireo/audit.log'), 'utf8')
    expect(log).toContain('"call":"guest.exec"')
    expect(log).not.toContain('very secret')
  })
})

describe('vireo and a machine without an agent', () => {
  it('says what to do', async () => {
    await using vireo = await cli()
    await using machine = await testDomain({ kind: 'blank', prefix: 't-guestservice', channels: [] })
    const outcome = await vireo.run(['exec', machine.name, '-c', URI, '--', 'true'])
    expect(outcome).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/no channel.*\n.*vireo agent install/),
    })
    await machine.destroy()
    const off = await vireo.run(['guest', 'info', machine.name, '-c', URI])
    expect(off).toMatchObject({ code: 1, err: expect.stringContaining('Start it first') })
  })
})
