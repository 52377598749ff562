import { afterEach, beforeEach, expect, it } from 'vitest'
import { FolderGuest } from './testing/folder-guest.ts'
import { runSetup } from './testing/setup-bench.ts'

const CHANNEL = 'org.vireo.agent.0'
const PROGRAM = 'usr/sbin/vireo-agent'
const SETTINGS = 'etc/vireo-agent/config.json'

let guest: FolderGuest

beforeEach(async () => {
  guest = await FolderGuest.make()
})
afterEach(() => guest[Symbol.asyncDispose]())

const install = async (): Promise<void> => {
  expect(await runSetup(guest, 'installAgent')).toMatchObject({ state: 'done' })
}

const gone = (unit: string): void => {
  for (const name of [PROGRAM, unit, SETTINGS, 'etc/vireo-agent', 'running']) expect(guest.has(name), name).toBe(false)
  expect(guest.plugged).toEqual(['org.qemu.guest_agent.0'])
}

it('stops, disables and removes all that was installed, and its channel', async () => {
  await install()
  const task = await runSetup(guest, 'uninstallAgent')
  expect(task).toMatchObject({ state: 'done', error: null, step: 'The Vireo agent is removed' })
  expect(guest.log().slice(-2)).toEqual(['systemctl disable --now vireo-agent.service', 'systemctl daemon-reload'])
  gone('etc/systemd/system/vireo-agent.service')
})

it('does so under OpenRC', async () => {
  await guest[Symbol.asyncDispose]()
  guest = await FolderGuest.make({ init: 'openrc' })
  await install()
  expect(await runSetup(guest, 'uninstallAgent')).toMatchObject({ state: 'done' })
  expect(guest.log().slice(-2)).toEqual(['rc-update --all del vireo-agent', 'rc-service --ifstarted vireo-agent stop'])
  gone('etc/init.d/vireo-agent')
})

it('does so through the agent itself, which is stopped last and not waited for', async () => {
  await install()
  guest.steady.clear()
  expect(await runSetup(guest, 'uninstallAgent')).toMatchObject({ state: 'done' })
  expect(guest.log().slice(-2)).toEqual([
    'systemctl disable vireo-agent.service',
    'systemctl --no-block stop vireo-agent.service',
  ])
  gone('etc/systemd/system/vireo-agent.service')
})

it('keeps a configuration that somebody changed, and says so', async () => {
  await install()
  await guest.put(SETTINGS, '{ "log_level": "debug" }')
  const task = await runSetup(guest, 'uninstallAgent')
  expect(task.step).toBe('The Vireo agent is removed; its changed configuration was kept')
  expect(await guest.read(SETTINGS)).toBe('{ "log_level": "debug" }')
})

it('says when the channel goes only with a restart', async () => {
  await install()
  guest.stiff = true
  const task = await runSetup(guest, 'uninstallAgent')
  expect(task).toMatchObject({ state: 'done' })
  expect(task.step).toContain('its channel goes when the machine is shut down and started again')
  expect(guest.plugged).toContain(CHANNEL)
})

it('is content when there is nothing to remove', async () => {
  expect(await runSetup(guest, 'uninstallAgent')).toMatchObject({
    ...{ state: 'done', step: 'There was no Vireo agent to remove' },
  })
  expect(guest.log()).toEqual(['systemctl daemon-reload'])
})

it('leaves a package to its package manager, and everything when its service cannot be stopped', async () => {
  await install()
  await guest.fails('systemctl disable', 'Access denied.')
  expect(await runSetup(guest, 'uninstallAgent')).toMatchObject({ state: 'failed', error: { kind: 'permission' } })
  await guest.put('packaged', '')
  expect(await runSetup(guest, 'uninstallAgent')).toMatchObject({ state: 'failed', error: { kind: 'precondition' } })
  expect([guest.has(PROGRAM), guest.has(SETTINGS), guest.plugged.includes(CHANNEL)]).toEqual([true, true, true])
})
