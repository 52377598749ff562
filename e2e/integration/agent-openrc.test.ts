import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { REMOVE, START } from '../../app-main/src/service/guest/setup/setup-scripts.ts'
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

const ownScript = (): Promise<string> =>
  readFile(join(import.meta.dirname, '../../guest-agent-bridge/packaging/vireo-agent.openrc'), 'utf8')

const control = async (line: AgentLine, name: string, action: string): Promise<unknown> =>
  (await line.call('service.control', { name, action })).service

test('services under OpenRC are listed, started, stopped, and set to start at boot', async () => {
  await using agent = await openRcAgent({ ...scripts, 'vireo-agent': await ownScript() })
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

test('what installs our agent starts it under OpenRC, twice if need be, and what removes it leaves nothing', async () => {
  await using agent = await openRcAgent({ 'vireo-agent': await ownScript() })
  const { line } = agent
  const script = async (text: string, ...words: string[]): Promise<string> => {
    const args = ['-c', text, 'sh', 'openrc', '0', ...words]
    const end = await line.call('exec_command', { command: '/bin/sh', args, timeout_seconds: 60 })
    expect(end, String(end.stderr)).toMatchObject({ exit_code: 0 })
    return String(end.stdout)
  }
  const services = async () => (await line.call('service.list')).services
  const own = (facts: object): unknown => expect.objectContaining({ name: 'vireo-agent', ...facts })
  expect(await services()).toContainEqual(own({ state: 'stopped', enabled: false }))
  for (let turn = 0; turn < 2; turn++) {
    await script(START)
    expect(await services()).toContainEqual(own({ state: 'running', enabled: true }))
  }
  const [program, unit] = ['/usr/sbin/vireo-agent', '/etc/init.d/vireo-agent']
  const said = await script(REMOVE, program, unit, '/etc/vireo-agent/config.json', 'unknown', '/etc/vireo-agent')
  expect(said).toContain('installed')
  expect(await services()).not.toContainEqual(own({}))
  for (const path of [program, unit, '/etc/runlevels/default/vireo-agent', '/run/openrc/started/vireo-agent'])
    expect((await line.ask('file.stat', { path })).error?.code, path).toBe(-32002)
})
