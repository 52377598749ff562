import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cli, type Cli } from '../fixture/cli-user.ts'
import { lxdDaemon, type LxdDaemon } from '../fixture/lxd.ts'

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
  const run = (...args: string[]) => vireo.run([...args.slice(0, 1), '-c', lxd.uri, ...args.slice(1)])

  it('launches, looks into and ends a container', async () => {
    const limits = ['--cpus', '1', '--memory', '256MiB', '--autostart', '--nesting']
    expect(await run('launch', 'micro', 't-lxd-web', ...limits)).toMatchObject({ code: 0, err: '' })
    const facts = { name: 't-lxd-web', kind: 'lxd', state: 'running', vcpus: 1, autostart: true }
    expect(JSON.parse((await run('list', '--json')).out)).toMatchObject([{ ...facts, memoryBytes: 256 * 1024 ** 2 }])
    expect(await lxd.lxc('config', 'get', 't-lxd-web', 'security.nesting')).toBe('true\n')
    expect(await run('launch', 'no-such-image', 't-lxd-none')).toMatchObject({ code: 3 })

    const line = ['exec', '-c', lxd.uri, 't-lxd-web', '--shell', '--', 'cat; echo no >&2; exit 5']
    expect(await vireo.run(line, 'in')).toMatchObject({ code: 5, out: 'in', err: 'no\n' })
    const file = join(folder, 'here')
    await writeFile(file, 'content\n')
    expect(await run('cp', file, 't-lxd-web:/tmp/there')).toMatchObject({ code: 0 })
    expect(await run('cp', 't-lxd-web:/tmp/there', `${file}-2`)).toMatchObject({ code: 0 })
    expect(await readFile(`${file}-2`, 'utf8')).toBe('content\n')

    expect(await run('shutdown', 't-lxd-web')).toMatchObject({ code: 0 })
    const gone = ['undefine', 't-lxd-web', '--storage', 'delete', '--nvram', 'keep']
    expect(await run(...gone)).toMatchObject({ code: 0 })
    expect(await lxd.lxc('list', '-f', 'csv')).toBe('')
  })
})
