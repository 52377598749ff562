import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { z } from 'zod'
import { expect, test } from 'vitest'
import { Forward } from '../../app-main/src/contract/index.ts'
import { cli } from '../fixture/cli-user.ts'
import { testDomain } from '../fixture/domain.ts'
import { cliProgram } from '../fixture/server.ts'
import { until } from '../fixture/wait.ts'

const URI = 'qemu:///system'

/** What a web server behind this port says; null while nobody answers. */
const said = (port: number): Promise<string | null> =>
  fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(5000) }).then(
    answer => answer.text(),
    () => null,
  )

test('a port of this computer leads to a web server in a machine behind NAT, while it runs', async () => {
  await using vireo = await cli()
  await using domain = await testDomain({
    ...{ network: 'default', prefix: 't-forward', start: false, graphics: 'none' },
  })
  const runner = spawn(process.execPath, [cliProgram, 'forward', 'run', '-c', URI], {
    ...{ env: { ...process.env, ...vireo.env }, stdio: ['ignore', 'pipe', 'inherit'] },
  })
  const ended = once(runner, 'close')
  let told = ''
  runner.stdout.setEncoding('utf8').on('data', (text: string) => (told += text))
  try {
    await until('the one who forwards', () => told.includes('No forwards.'), 60_000)
    const added = await vireo.run(['forward', 'add', domain.name, '0', '8080', '-c', URI, '--json'])
    expect(added).toMatchObject({ code: 0, err: '' })
    const { id, port, state, pid } = Forward.parse(JSON.parse(added.out))
    expect({ state, pid }).toEqual({ state: 'off', pid: runner.pid })
    expect(await said(port)).toBe(null)

    await domain.start()
    await domain.ready()
    await domain.spawnInGuest('/bin/sh', '-c', 'echo from inside >/root/index.html; httpd -p 8080 -h /root')
    expect(await until('the web server inside', () => said(port), 60_000)).toBe('from inside\n')
    const listed = await vireo.run(['forward', 'list', '--json'])
    const [one] = z.array(Forward).parse(JSON.parse(listed.out))
    expect(one).toMatchObject({ id, state: 'listening', target: expect.stringMatching(/^192\.168\.122\./) })

    await domain.destroy()
    await until('the port to refuse', async () => (await said(port)) === null)
    expect((await vireo.run(['forward', 'list'])).out).toContain('does not run: connections are refused')
    const taken = await vireo.run(['forward', 'add', domain.name, String(port), '22', '-c', URI])
    expect(taken).toMatchObject({ code: 1, err: expect.stringContaining('already') })
    expect(await vireo.run(['forward', 'remove', id])).toMatchObject({ code: 0, out: '' })
    expect((await vireo.run(['forward', 'remove', id])).code).toBe(3)
  } finally {
    runner.kill('SIGINT')
    await ended
  }
  expect(runner.exitCode).toBe(0)
})
