import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cli, type Cli } from '../fixture/cli-user.ts'
import { lxdDaemon, type LxdDaemon } from '../fixture/lxd.ts'
import { cliProgram } from '../fixture/server.ts'
import { until } from '../fixture/wait.ts'

const LEAVE = '\u001d'

describe('vireo with the real LXD', () => {
  let lxd: LxdDaemon
  let vireo: Cli
  let folder: string
  beforeAll(async () => {
    lxd = await lxdDaemon()
    vireo = await cli()
    folder = await mkdtemp(join(tmpdir(), 'lxd-cli-'))
  })
  afterAll(async () => {
    await vireo[Symbol.asyncDispose]()
    await lxd[Symbol.asyncDispose]()
    await rm(folder, { recursive: true })
  })
  /** `vireo console` on a terminal of its own. */
  const consoleOn = (machine: string) => {
    const command = `"$NODE" "$VIREO" console ${machine} -c "$URI"; echo code=$?`
    const env = { ...process.env, ...vireo.env, NODE: process.execPath, VIREO: cliProgram, URI: lxd.uri }
    const child = spawn('script', ['-qfec', command, '/dev/null'], { env, stdio: ['pipe', 'pipe', 'inherit'] })
    let shown = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (shown += text))
    return {
      type: (text: string) => child.stdin.write(text),
      shown: () => shown,
      sees: (pattern: RegExp) => until(`${pattern.source} on the terminal`, () => pattern.exec(shown)?.[1], 30_000),
      [Symbol.dispose]: () => void child.kill('SIGKILL'),
    }
  }
  const lists = (what: string) => vireo.run(['lxd', what, '-c', lxd.uri])
  const run = (...args: string[]) => {
    const verb = args[0] === 'lxd' ? 2 : 1
    return vireo.run([...args.slice(0, verb), '-c', lxd.uri, ...args.slice(verb)])
  }

  it('launches, looks into and ends a container', async () => {
    const limits = ['--cpus', '1', '--memory', '256MiB', '--autostart', '--nesting']
    expect(await run('launch', 'micro', 't-lxd-web', ...limits)).toMatchObject({ code: 0, err: '' })
    const facts = { name: 't-lxd-web', kind: 'lxd', state: 'running', vcpus: 1, autostart: true }
    expect(JSON.parse((await run('list', '--json')).out)).toMatchObject([{ ...facts, memoryBytes: 256 * 1024 ** 2 }])
    expect(await lxd.lxc('config', 'get', 't-lxd-web', 'security.nesting')).toBe('true\n')
    expect(await run('launch', 'no-such-image', 't-lxd-none')).toMatchObject({ code: 3 })
    const info = await run('info', 't-lxd-web', '--json')
    expect(JSON.parse(info.out)).toMatchObject({ ...facts, virtType: 'lxc', consoles: [{ alias: 'console' }] })
    expect((await run('info', 't-lxd-web')).out).toContain('t-lxd-web')

    using tty = consoleOn('t-lxd-web')
    await tty.sees(/(Ctrl\+\] leaves\.)/)
    // LXD drops what is typed before its own console is attached.
    await until('the shell to answer', async () => {
      tty.type('echo con-$((40+2))-sole\r')
      await sleep(500)
      return tty.shown().includes('con-42-sole')
    })
    tty.type(LEAVE)
    expect(await tty.sees(/code=(\d+)/)).toBe('0')

    const line = ['exec', '-c', lxd.uri, 't-lxd-web', '--shell', '--', 'cat; echo no >&2; exit 5']
    expect(await vireo.run(line, 'in')).toMatchObject({ code: 5, out: 'in', err: 'no\n' })
    const file = join(folder, 'here')
    await writeFile(file, 'content\n')
    expect(await run('cp', file, 't-lxd-web:/tmp/there')).toMatchObject({ code: 0 })
    expect(await run('cp', 't-lxd-web:/tmp/there', `${file}-2`)).toMatchObject({ code: 0 })
    expect(await readFile(`${file}-2`, 'utf8')).toBe('content\n')

    const log = await run('lxd', 'log', 't-lxd-web')
    expect(log).toMatchObject({ code: 0, out: expect.stringContaining('lxc.log'), err: '' })
    expect((await lists('volumes')).out).toMatch(/default\s+t-lxd-web\s+container/)
    expect((await lists('profiles')).out).toContain('default')

    expect(await run('shutdown', 't-lxd-web')).toMatchObject({ code: 0 })
    expect(await run('start', 't-lxd-web')).toMatchObject({ code: 0, err: '' })
    expect((await run('start', 't-lxd-web')).code).toBe(1)
    expect(await lxd.lxc('list', '-f', 'csv', '-c', 's')).toBe('RUNNING\n')
    expect(await run('destroy', 't-lxd-web')).toMatchObject({ code: 0 })
    const gone = ['undefine', 't-lxd-web', '--storage', 'delete', '--nvram', 'keep']
    expect(await run(...gone)).toMatchObject({ code: 0 })
    expect(await lxd.lxc('list', '-f', 'csv')).toBe('')
  })
})
