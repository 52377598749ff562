import { createServer } from 'node:net'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cli, type Cli } from '../fixture/cli-user.ts'

const TEST = 'test:///default'

describe('vireo as a process', () => {
  let vireo: Cli
  beforeEach(async () => void (vireo = await cli()))
  afterEach(() => vireo[Symbol.asyncDispose]())

  it('lists as a table and as JSON', async () => {
    const human = await vireo.run(['list', '-c', TEST])
    expect(human).toMatchObject({ code: 0, err: '' })
    expect(human.out).toMatch(/^NAME +STATE .*\ntest +running .*test:\/\/\/default\n$/)
    expect(human.out).not.toContain('\u001b')
    const { out } = await vireo.run(['list', '--json', '-c', TEST])
    expect(JSON.parse(out)).toMatchObject([
      {
        ...{ id: expect.stringMatching(/@test:\/\/\/default$/), name: 'test', state: 'running', connection: TEST },
        ...{ vcpus: 2, memoryBytes: 2 * 1024 ** 3, addresses: [] },
      },
    ])
  })

  it('takes connections before the command as well as behind it', async () => {
    expect(await vireo.run(['-c', TEST, 'list'])).toEqual(await vireo.run(['list', '-c', TEST]))
    const both = await vireo.run(['--connection', TEST, 'list', '-c', 'qemu:///session?socket=/nonexistent/socket'])
    expect(both).toMatchObject({ code: 5, err: expect.stringContaining('/nonexistent/socket') })
  })

  it.each([
    [['nonsense'], 2],
    [['start'], 2],
    [['shutdown', 'test', '-c', TEST, '--mode', 'please'], 2],
    [['shutdown', 'test', '-c', TEST, '--timeout-seconds', 'soon'], 2],
    [['undefine', 'test', '-c', TEST], 2],
    [['list', '-c', 'no uri'], 2],
    [['serve', '--port', 'http'], 2],
    [['info', 'tset', '-c', TEST], 3],
    [['disconnect', TEST], 3],
    [['list', '-c', 'esx://host/'], 5],
    [['list', '-c', 'qemu:///session?socket=/nonexistent/socket'], 5],
    [['--help'], 0],
    [['--version'], 0],
  ])('%j ends with %i', async (args, code) => {
    const outcome = await vireo.run(args)
    expect(outcome, outcome.err).toMatchObject({ code })
    expect(outcome.err).not.toMatch(/\n +at /)
    if (code !== 0) expect(outcome).toMatchObject({ out: '', err: expect.stringMatching(/./) })
  })

  it.each([
    'two words',
    'it\'s "quoted"',
    '🐦',
    'x'.repeat(200),
    '-rf',
    '; touch /tmp/x',
    '$(reboot)',
    '`id`',
    '*',
    '..',
  ])('refuses the unknown machine %s by name', async name => {
    const { code, err } = await vireo.run(['info', '-c', TEST, '--', name])
    expect({ code, err }).toMatchObject({ code: 3, err: expect.stringContaining('There is no machine') })
  })

  it('defines a machine with a strange name from standard input and finds it again', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cli-'))
    const node = join(folder, 'node.xml')
    const name = `it's "$(id)" 🐦 -x`
    const xml = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
    const domain = `<domain type="test"><name>${xml(name)}</name><memory>8192</memory><os><type>hvm</type></os></domain>`
    await writeFile(node, `<node>${domain}</node>`)
    const uri = `test://${node}`
    const found = await vireo.run(['info', '--json', '-c', uri, name])
    expect(found, found.err).toMatchObject({ code: 0 })
    expect(JSON.parse(found.out)).toMatchObject({ name })
    const offered = await vireo.run(['complete', '--', 'info', 'it'])
    expect(offered).toMatchObject({ code: 0, out: '' })
    await rm(folder, { recursive: true, maxRetries: 5 })
  })

  it('remembers connections', async () => {
    expect(await vireo.run(['connect', TEST])).toMatchObject({ code: 0 })
    expect(await vireo.run(['connect', TEST])).toMatchObject({ code: 1 })
    const { out } = await vireo.run(['connections', '--json'])
    expect(JSON.parse(out)).toContainEqual(expect.objectContaining({ uri: TEST, state: 'ready' }))
    expect(await vireo.run(['complete', '--', 'info', 'te'])).toMatchObject({ out: 'test\n' })
    expect(await vireo.run(['disconnect', TEST])).toMatchObject({ code: 0 })
    const audit = await readFile(join(vireo.env['XDG_STATE_HOME'] ?? '', 'vireo/audit.log'), 'utf8')
    const calls = audit.split('\n').flatMap(line => /"call":"([^"]+)"/.exec(line)?.[1] ?? [])
    expect(calls).toEqual(['connection.add', 'connection.add', 'connection.remove'])
  })

  it('lists the well beside a daemon that accepts and never answers, and warns', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cli-'))
    const socket = join(folder, 'silent')
    const server = createServer(() => undefined).listen(socket)
    await vireo.run(['connect', TEST])
    const connections = join(vireo.env['XDG_CONFIG_HOME'] ?? '', 'vireo/connections.json')
    const silent = `qemu:///session?socket=${socket}`
    await writeFile(connections, JSON.stringify({ added: [TEST, silent], hidden: [] }))
    const outcome = await vireo.run(['list', '--json'])
    expect(outcome, outcome.err).toMatchObject({ code: 0, err: expect.stringContaining(`warning: ${silent}`) })
    expect(JSON.parse(outcome.out)).toContainEqual(expect.objectContaining({ name: 'test' }))
    server.close()
    await rm(folder, { recursive: true, maxRetries: 5 })
  })
})
