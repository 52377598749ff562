import { readdir } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RemoteError, type DomainId } from '../../../contract/index.ts'
import type { ExecWay } from '../exec-methods.ts'
import { agentFilesIn, sha256Of } from './agent-files.ts'
import { execAgent } from './exec-agent.ts'
import type { OtherWay } from './setup-target.ts'
import { FolderGuest, programOf } from './testing/folder-guest.ts'
import { CONFIG, runSetup, VERSION } from './testing/setup-bench.ts'

const ID = 'web-1@memory:///x' as DomainId
const CHANNEL = 'org.vireo.agent.0'
const PROGRAM = 'usr/sbin/vireo-agent'
const UNIT = 'etc/systemd/system/vireo-agent.service'
const SCRIPT = 'etc/init.d/vireo-agent'
const SETTINGS = 'etc/vireo-agent/config.json'

let guest: FolderGuest

beforeEach(async () => {
  guest = await FolderGuest.make()
})
afterEach(() => guest[Symbol.asyncDispose]())

const another = async (init: string): Promise<void> => {
  await guest[Symbol.asyncDispose]()
  guest = await FolderGuest.make({ init })
}

/** An older one that runs. */
const installed = async (version: string): Promise<void> => {
  await guest.put(PROGRAM, programOf(version), 0o755)
  await guest.put(UNIT, '[Unit]\n# old\n')
  await guest.put('running', programOf(version))
  await guest.attachChannel(CHANNEL)
}

const nothingLeft = async (): Promise<void> => {
  for (const name of [PROGRAM, UNIT, SCRIPT, SETTINGS, 'etc/vireo-agent', 'usr/sbin/.vireo-agent.new', 'running']) {
    expect(guest.has(name), name).toBe(false)
  }
  expect(guest.plugged).toEqual(['org.qemu.guest_agent.0'])
  expect(await readdir(guest.path('var/tmp'))).toEqual([])
}

describe('installing the Vireo agent', () => {
  it('copies it, starts it under systemd, waits for its answer and says its version', async () => {
    const task = await runSetup(guest, 'installAgent')
    expect(task).toMatchObject({ state: 'done', error: null, room: 'guest', name: 'installAgent', targetName: 'web-1' })
    expect(task.steps).toEqual([
      ...['Looking for a way into the guest', 'Checking the guest', 'Adding the channel', 'Copying the agent'],
      ...['Setting up its service', 'Starting its service', 'Waiting for the agent to answer'],
      `The Vireo agent ${VERSION} answers`,
    ])
    expect(guest.plugged).toContain(CHANNEL)
    expect([await guest.read(PROGRAM), await guest.mode(PROGRAM)]).toEqual([programOf(VERSION).toString(), '755'])
    expect([await guest.read(SETTINGS), await guest.mode(UNIT)]).toEqual([CONFIG, '644'])
    expect(guest.has('etc/vireo-agent/pre-freeze.d') && guest.has('etc/vireo-agent/post-thaw.d')).toBe(true)
    expect(guest.log()).toEqual([
      ...['systemctl daemon-reload', 'systemctl enable vireo-agent.service'],
      'systemctl --no-block restart vireo-agent.service',
    ])
    expect(await readdir(guest.path('var/tmp'))).toEqual([])
  })

  it('starts it under OpenRC', async () => {
    await another('openrc')
    expect(await runSetup(guest, 'installAgent')).toMatchObject({ state: 'done' })
    expect(await guest.mode(SCRIPT)).toBe('755')
    expect(guest.log()).toEqual(['rc-update add vireo-agent default', 'rc-service vireo-agent restart'])
  })

  it('changes nothing when the same version runs already', async () => {
    await installed(VERSION)
    const task = await runSetup(guest, 'installAgent')
    expect(task).toMatchObject({ state: 'done', step: `The Vireo agent ${VERSION} runs already: nothing was changed` })
    expect([guest.log(), await guest.read(UNIT)]).toEqual([[], '[Unit]\n# old\n'])
  })

  it('keeps the configuration that is there', async () => {
    await guest.put(SETTINGS, '{}')
    expect(await runSetup(guest, 'installAgent')).toMatchObject({ state: 'done' })
    expect(await guest.read(SETTINGS)).toBe('{}')
  })

  it.each(['with another agent', 'through itself'])('upgrades an older one %s', async way => {
    await installed('0.1.0')
    if (way === 'through itself') guest.steady.clear()
    const task = await runSetup(guest, 'installAgent')
    expect(task).toMatchObject({ state: 'done', step: `The Vireo agent ${VERSION} answers instead of 0.1.0` })
    expect([guest.running, await guest.read(UNIT)]).toEqual([VERSION, '[Unit]\n'])
  })

  it('ends with the next step when the machine must be restarted for the channel', async () => {
    guest.stiff = true
    const task = await runSetup(guest, 'installAgent')
    expect(task).toMatchObject({ state: 'failed', error: { kind: 'precondition' } })
    expect(task.error?.message).toContain('is installed in “web-1”')
    expect(task.offer).toEqual({ room: 'domain', name: 'shutdown', input: { id: 'one@test:///default' } })
    expect([guest.running, guest.has(SETTINGS)]).toEqual([VERSION, true])
  })
})

describe('installing the Vireo agent where no agent is', () => {
  const closed: ExecWay = { open: () => Promise.reject(new RemoteError({ kind: 'timeout', message: 'no way in' })) }
  const other = (only: boolean, ssh: ExecWay): OtherWay => ({
    only,
    open: asking => execAgent({ agent: closed, ssh, serial: closed }, ['serial', 'ssh'], ID, asking),
  })

  it.each([
    ['when it is asked for', true],
    ['when nobody answers', false],
  ])('goes through another way %s, and its files arrive whole', async (_when, only) => {
    if (!only) guest.steady.clear()
    guest.other = other(only, guest.way)
    expect(await runSetup(guest, 'installAgent')).toMatchObject({
      state: 'done',
      step: `The Vireo agent ${VERSION} answers`,
    })
    expect(await guest.read(PROGRAM)).toBe(programOf(VERSION).toString())
    expect([await guest.mode(PROGRAM), await guest.mode(SETTINGS)]).toEqual(['755', '644'])
    expect(await runSetup(guest, 'uninstallAgent')).toMatchObject({ state: 'done' })
    expect(guest.has(PROGRAM)).toBe(false)
  })

  it('says why an agent would not do when no other way is open either', async () => {
    guest.steady.clear()
    guest.other = other(false, closed)
    const task = await runSetup(guest, 'installAgent')
    expect(task).toMatchObject({ state: 'failed', error: { kind: 'unsupported' } })
    guest.other = other(true, closed)
    expect(await runSetup(guest, 'installAgent')).toMatchObject({ error: { kind: 'timeout', message: 'no way in' } })
    await nothingLeft()
  })
})

describe('refusing to install the Vireo agent', () => {
  const refused = async (kind: string, message: string, hint = ''): Promise<void> => {
    const task = await runSetup(guest, 'installAgent')
    expect(task).toMatchObject({ state: 'failed', error: { kind }, offer: null })
    expect(task.error?.message).toContain(message)
    expect(task.error?.hint ?? '').toContain(hint)
    expect(guest.log()).toEqual([])
    await nothingLeft()
  }

  it('on another processor', async () => {
    await guest.isA('Linux', 'aarch64')
    await refused('unsupported', 'Linux on aarch64')
  })

  it('under another init system, saying how to start it by hand', async () => {
    await another('runit')
    await refused('unsupported', '“runit”', 'vireo-agent --foreground')
  })

  it('without root', async () => {
    await guest.says('id', '1000\n')
    await refused('permission', 'does not run as root')
  })

  it('over its own package', async () => {
    await guest.put('packaged', '')
    await refused('precondition', 'as a package', 'apt-get remove vireo-agent')
  })

  it('when nobody answers, or only somebody who may not', async () => {
    guest.steady.set('qemu-ga', { exec: 'guest-exec is blocked' })
    await refused('unsupported', 'guest-exec is blocked')
    guest.steady.clear()
    await refused('unsupported', 'no channel for a guest agent', 'install and start the package qemu-guest-agent')
  })

  it('when its program was not built', async () => {
    const task = await runSetup(guest, 'installAgent', { files: agentFilesIn(guest.path('nowhere')) })
    expect(task).toMatchObject({ state: 'failed', error: { kind: 'not-found' } })
    expect(task.error?.hint).toContain('npm run build:agent')
    await nothingLeft()
  })
})

describe('undoing an installation of the Vireo agent', () => {
  it('when the program did not arrive whole', async () => {
    guest.arrives = bytes => bytes.subarray(0, -1)
    const task = await runSetup(guest, 'installAgent')
    expect(task).toMatchObject({ state: 'failed', error: { kind: 'refused' } })
    expect(task.error?.message).toContain('did not arrive')
    await nothingLeft()
  })

  it('when the program does not run there', async () => {
    const binary = Buffer.from('#!/bin/sh\necho no such loader >&2; exit 1\n')
    const rest = { systemdUnit: binary, openRcScript: binary, config: binary }
    const files = async () => ({ binary, sha256: sha256Of(binary), ...rest })
    const task = await runSetup(guest, 'installAgent', { files })
    expect(task.error?.message).toBe('The agent’s program does not run in the guest: no such loader.')
    await nothingLeft()
  })

  it('when its service cannot be enabled', async () => {
    await guest.fails('systemctl enable', 'Unit file is masked.')
    const task = await runSetup(guest, 'installAgent')
    expect(task).toMatchObject({ state: 'failed', error: { message: 'The guest said: Unit file is masked.' } })
    await nothingLeft()
  })

  it('when it does not answer', async () => {
    await guest.program('systemctl', '#!/bin/sh\n')
    const task = await runSetup(guest, 'installAgent', { answerMs: 0 })
    expect(task).toMatchObject({ state: 'failed', error: { kind: 'timeout' } })
    await nothingLeft()
  })

  it('when it is cancelled while the program is copied', async () => {
    const task = await runSetup(guest, 'installAgent', { cancelAt: 'Copying the agent' })
    expect(task).toMatchObject({ state: 'cancelled', error: { kind: 'cancelled' } })
    await nothingLeft()
  })

  it('gives the older one back that ran before', async () => {
    await installed('0.1.0')
    await guest.put(SETTINGS, '{}')
    await guest.fails('systemctl enable', 'Unit file is masked.')
    expect(await runSetup(guest, 'installAgent')).toMatchObject({ state: 'failed' })
    expect([await guest.read(PROGRAM), await guest.mode(PROGRAM)]).toEqual([programOf('0.1.0').toString(), '755'])
    expect([await guest.read(UNIT), await guest.read(SETTINGS)]).toEqual(['[Unit]\n# old\n', '{}'])
    expect([guest.running, guest.plugged.includes(CHANNEL)]).toEqual(['0.1.0', true])
  })

  it('says when not all could be undone', async () => {
    guest.arrives = bytes => bytes.subarray(1)
    guest.detachChannel = () => Promise.reject(new RemoteError({ kind: 'timeout', message: 'The daemon is stuck.' }))
    const logged = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    const task = await runSetup(guest, 'installAgent')
    expect(task.error?.hint).toContain('Not all that was begun could be undone')
    expect(String(logged.mock.calls)).toContain('a step could not be undone')
    logged.mockRestore()
  })
})
