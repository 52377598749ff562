import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { AgentLine } from '../fixture/agent.ts'
import { openRcAgent } from '../fixture/openrc-agent.ts'

const sleeper = `#!/sbin/openrc-run
description="Sleeps for a test"
command=/bin/sleep
command_args=1000
command_background=yes
pidfile=/run/t-sleeper.pid
`

const scripts = {
  't-sleeper': sleeper,
  't-broken': '#!/sbin/openrc-run\nstart() { return 1; }\n',
  't-lsb':
    '#!/bin/sh\n### BEGIN INIT INFO\n# Provides: t-lsb\n# Default-Start: 2\n# Default-Stop: 0\n### END INIT INFO\n',
  't-none': '#!/bin/sh\n# no service of anybody\n',
}

const control = async (line: AgentLine, name: string, action: string): Promise<unknown> =>
  (await line.call('service.control', { name, action })).service

test('services under OpenRC are listed, started, stopped, and set to start at boot', async () => {
  const own = await readFile(join(import.meta.dirname, '../../guest-agent-bridge/packaging/vireo-agent.openrc'), 'utf8')
  await using agent = await openRcAgent({ ...scripts, 'vireo-agent': own })
  const { line } = agent
  const { init, services } = await line.call('service.list')
  expect(init).toBe('openrc')
  const [stopped, enabled] = [{ state: 'stopped' }, { enabled: false }]
  expect(services).toContainEqual({ name: 't-sleeper', description: 'Sleeps for a test', ...stopped, ...enabled })
  expect(services).toContainEqual({ name: 't-lsb', description: null, ...stopped, ...enabled })
  expect(services).toContainEqual(expect.objectContaining({ name: 'vireo-agent', ...stopped }))
  expect(services).not.toContainEqual(expect.objectContaining({ name: 't-none' }))
  expect(services).not.toContainEqual(expect.objectContaining({ name: 'rcS' }))
  expect(await control(line, 't-sleeper', 'start')).toMatchObject({ state: 'running' })
  expect(await control(line, 't-sleeper', 'restart')).toMatchObject({ state: 'running' })
  expect(await control(line, 't-sleeper', 'stop')).toMatchObject({ state: 'stopped' })
  expect(await control(line, 't-sleeper', 'enable')).toMatchObject({ enabled: true })
  expect(await control(line, 't-sleeper', 'enable')).toMatchObject({ enabled: true })
  expect(await control(line, 't-sleeper', 'disable')).toMatchObject({ enabled: false })
  const broken = await line.ask('service.control', { name: 't-broken', action: 'start' })
  expect(broken.error).toMatchObject({ code: -32000, message: expect.stringContaining('t-broken failed to start') })
  const unknown = await line.ask('service.control', { name: 'no-such', action: 'start' })
  expect(unknown.error?.code).toBe(-32002)
  expect((await line.ask('service.control', { name: '../x', action: 'start' })).error?.code).toBe(-32602)
  expect(await line.call('agent.capabilities')).toMatchObject({ unavailable: [] })
})
