import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { packagerFailure } from './package-managers.ts'
import { FolderGuest } from './testing/folder-guest.ts'
import { runSetup } from './testing/setup-bench.ts'

const CHANNEL = 'org.qemu.guest_agent.0'

let guest: FolderGuest

beforeEach(async () => {
  guest = await FolderGuest.make({ channels: ['org.kvmmanager.agent.0'] })
  guest.steady.clear()
  guest.steady.set('kvm-manager', {})
})
afterEach(() => guest[Symbol.asyncDispose]())

describe('installing qemu-guest-agent', () => {
  it.each([
    ['apt-get', 'apt-get -q -y --no-install-recommends install qemu-guest-agent'],
    ['dnf', 'dnf -y install qemu-guest-agent'],
    ['yum', 'yum -y install qemu-guest-agent'],
    ['zypper', 'zypper --non-interactive install --no-recommends qemu-guest-agent'],
    ['apk', 'apk add qemu-guest-agent'],
    ['pacman', 'pacman -Sy --noconfirm --needed qemu-guest-agent'],
  ])('is done with %s, tells what that says, and waits for the answer', async (packager, command) => {
    await guest.program(packager)
    await guest.says(packager, 'Fetching 1 of 1\nSetting up\u001b[0m qemu-guest-agent\n')
    const task = await runSetup(guest, 'installQemuAgent')
    expect(task).toMatchObject({ state: 'done', error: null, step: 'qemu-guest-agent 7.2 answers' })
    expect(guest.log()).toContain(command)
    expect(task.steps).toContain(`Installing the package with ${packager}: Setting up\ufffd[0m qemu-guest-agent`)
    expect(guest.log()).toContain('systemctl --no-block restart qemu-guest-agent.service')
    expect(guest.plugged).toContain(CHANNEL)
  })

  it('changes nothing when one answers already', async () => {
    guest.steady.set('qemu-ga', {})
    await guest.program('apt-get')
    expect(await runSetup(guest, 'installQemuAgent')).toMatchObject({
      ...{ state: 'done', step: 'qemu-guest-agent 1 runs already: nothing was changed' },
    })
    expect(guest.log()).toEqual([])
  })

  it('adds no channel when the package manager is missing or fails', async () => {
    expect(await runSetup(guest, 'installQemuAgent')).toMatchObject({ state: 'failed', error: { kind: 'unsupported' } })
    await guest.program('apk')
    await guest.fails('apk add', 'ERROR: something odd')
    const task = await runSetup(guest, 'installQemuAgent')
    expect(task.error).toEqual({ kind: 'refused', message: 'apk failed (1): ERROR: something odd' })
    expect(guest.plugged).toEqual(['org.kvmmanager.agent.0'])
  })

  it('takes its channel away again when nobody answers on it', async () => {
    await guest.program('apk')
    await guest.program('systemctl', '#!/bin/sh\n')
    const task = await runSetup(guest, 'installQemuAgent', { answerMs: 0 })
    expect(task).toMatchObject({ state: 'failed', error: { kind: 'timeout' } })
    expect(guest.plugged).toEqual(['org.kvmmanager.agent.0'])
  })

  it('offers to shut down when the machine must be restarted for the channel', async () => {
    await guest.program('apk')
    guest.stiff = true
    expect(await runSetup(guest, 'installQemuAgent')).toMatchObject({
      ...{ state: 'failed', error: { kind: 'precondition' }, offer: { name: 'shutdown' } },
    })
  })
})

describe('a package manager that fails', () => {
  it.each([
    ['apt-get', 100, 'E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 7 (apt)', 'busy'],
    [
      'dnf',
      1,
      'Failed to obtain lock: another process is holding it. Waiting for process with pid 7 to finish.',
      'busy',
    ],
    ['zypper', 7, 'System management is locked by the application with pid 7 (zypper).', 'busy'],
    ['apk', 99, 'ERROR: Unable to lock database: Resource temporarily unavailable', 'busy'],
    ['pacman', 1, 'error: failed to init transaction (unable to lock database)', 'busy'],
    ['apt-get', 100, "E: Failed to fetch http://a/b  Temporary failure resolving 'a'", 'precondition'],
    ['dnf', 1, 'Curl error (6): Could not resolve host: a', 'precondition'],
    ['apk', 2, 'WARNING: fetching http://a: temporary error (try again later)', 'precondition'],
    ['pacman', 1, "error: failed retrieving file 'core.db' from a", 'precondition'],
    ['apt-get', 100, 'E: Unable to locate package qemu-guest-agent', 'not-found'],
    ['dnf', 1, 'Error: Unable to find a match: qemu-guest-agent', 'not-found'],
    ['apk', 1, 'ERROR: unable to select packages:\n  qemu-guest-agent (no such package)', 'not-found'],
    ['pacman', 1, 'error: target not found: qemu-guest-agent', 'not-found'],
    ['apt-get', null, 'Reading package lists...', 'timeout'],
    ['apt-get', 100, 'E: dpkg was interrupted\u001b[2J', 'refused'],
  ] as const)('%s (%s): %s', (packager, code, said, kind) => {
    const { detail } = packagerFailure(packager, code, said)
    expect(detail.kind).toBe(kind)
    expect(detail.message).not.toContain('\u001b')
  })
})
