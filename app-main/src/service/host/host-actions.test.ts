import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { HostLog, Task, TaskRef } from '../../contract/index.ts'
import { Detector } from '../../host/detector.ts'
import * as part from '../../host/testing/computers.ts'
import { merged, recordedMachine, type Recording } from '../../host/testing/recorded-machine.ts'
import { TaskRegistry } from '../task/task-registry.ts'
import { HostActions } from './host-actions.ts'

const ROOT: Recording = { user: { name: 'root', uid: 0, groups: [0] } }
const STOPPED = [part.DEBIAN, part.LIBVIRT_PROGRAMS, part.LIBVIRTD_ENABLED_DEAD]

/** Real processes: programs of these names stand before the system's own on the PATH. What they say is recorded. */
describe('actions on this computer', () => {
  let folder = ''
  let path: string | undefined
  const owned: { dispose(): void }[] = []
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'host-actions-'))
    await mkdir(join(folder, 'bin'))
    path = process.env['PATH']
    process.env['PATH'] = `${join(folder, 'bin')}:${path}`
  })
  afterEach(async () => {
    process.env['PATH'] = path
    for (const one of owned.splice(0)) one.dispose()
    await rm(folder, { recursive: true })
  })
  const program = async (name: string, script: string): Promise<string> => {
    const file = join(folder, 'bin', name)
    await writeFile(file, `#!/bin/sh\n${script}\n`)
    await chmod(file, 0o755)
    return file
  }
  const bench = (...recordings: readonly Recording[]) => {
    const machine = recordedMachine(merged(...recordings))
    const told: Task[] = []
    const logs: HostLog[] = []
    const tasks = new TaskRegistry(task => told.push(task))
    const detector = new Detector(machine, { folders: {} })
    const looks = vi.spyOn(detector, 'refresh')
    owned.push(tasks, detector)
    const actions = new HostActions({ machine, detector, tasks, publish: log => logs.push(log), terminal: () => false })
    const ended = ({ taskId }: TaskRef) =>
      vi.waitFor(
        () => {
          const task = told.findLast(({ id }) => id === taskId)
          if (!task || task.state === 'running') throw new Error('still running')
          return task
        },
        { timeout: 20_000 },
      )
    const run = async (action: 'start' | 'install', undo = false) => {
      const plan = await actions.plan('kvm', action, undo)
      return ended(await actions.apply({ hypervisor: 'kvm', action, undo, commands: plan.commands }))
    }
    return { actions, tasks, told, logs, looks, run, ended }
  }

  it('run what was shown, tell what it wrote, look again, and can be taken back', async () => {
    await program('systemctl', 'echo "systemctl $*"')
    const { run, logs, looks, actions } = bench(...STOPPED, ROOT)
    const task = await run('start')
    const input = { hypervisor: 'kvm', action: 'start', undo: true, commands: ['systemctl stop libvirtd.service'] }
    expect(task).toMatchObject({ state: 'done', target: 'host:kvm', offer: { room: 'host', name: 'apply', input } })
    expect(logs.at(-1)).toMatchObject({
      state: 'done',
      ...{ undo: false, undoable: true, error: null },
      lines: ['$ systemctl start libvirtd.service', 'systemctl start libvirtd.service'],
    })
    expect(actions.log('kvm')).toEqual(logs.at(-1))
    expect(looks).toHaveBeenCalledOnce()
    expect(await run('start', true)).toMatchObject({ state: 'done', offer: null })
    expect(logs.at(-1)?.lines).toContain('systemctl stop libvirtd.service')
    expect(logs.at(-1)).toMatchObject({ undo: true, undoable: false })
    expect(await actions.plan('kvm', 'start', true)).toMatchObject({ refusal: { kind: 'precondition' } })
  })

  it.each([
    [
      'locked',
      'E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 812 (unattended-upgr)',
      'precondition',
      'installing packages right now',
    ],
    [
      'offline',
      "W: Failed to fetch http://deb.debian.org/debian/dists/bookworm/InRelease  Temporary failure resolving 'deb.debian.org'",
      'precondition',
      'cannot be reached',
    ],
    [
      'failing half-way',
      'dpkg: error processing package libvirt-daemon-system (--configure):',
      'precondition',
      'failed (exit 100)',
    ],
  ])(
    'say that the package manager is %s (recorded), keep the log and look again',
    async (_name, said, kind, message) => {
      await program('apt-get', `echo "Reading package lists..."; echo ${JSON.stringify(said)} >&2; exit 100`)
      const { run, logs, looks } = bench(part.DEBIAN, ROOT)
      const task = await run('install')
      expect(task).toMatchObject({ state: 'failed', error: { kind, message: expect.stringContaining(message) } })
      expect(logs.at(-1)).toMatchObject({ state: 'failed', undoable: false, error: { kind } })
      expect(logs.at(-1)?.lines).toEqual(expect.arrayContaining(['Reading package lists...', said]))
      expect(looks).toHaveBeenCalledOnce()
    },
  )

  it('are cancelled when a person dismisses the question of pkexec (recorded)', async () => {
    const pkexec = await program(
      'pkexec',
      'echo "Error executing command as another user: Request dismissed" >&2; exit 126',
    )
    const { run, actions } = bench(...STOPPED, { programs: [pkexec] })
    expect(await actions.plan('kvm', 'start', false)).toMatchObject({ elevation: 'pkexec', refusal: null })
    expect(await run('start')).toMatchObject({ state: 'cancelled', error: { kind: 'cancelled' } })
  })

  it('hand the commands to pkexec as they were shown', async () => {
    const pkexec = await program('pkexec', 'exec "$@"')
    await program('systemctl', 'echo "as root: $*"')
    const { run, logs } = bench(...STOPPED, { programs: [pkexec] })
    expect(await run('start')).toMatchObject({ state: 'done' })
    expect(logs.at(-1)?.lines).toContain('as root: start libvirtd.service')
  })

  it('ask sudo rather than a desktop that is not there, when sudo asks nobody', async () => {
    const [pkexec, sudo] = ['/usr/bin/pkexec', '/usr/bin/sudo']
    const both: Recording = { programs: [pkexec, sudo] }
    const silent: Recording = { commands: { [`${sudo} -n true`]: { code: 0 } } }
    const by = async (...recordings: readonly Recording[]) =>
      (await bench(...STOPPED, both, ...recordings).actions.plan('kvm', 'start', false)).elevation
    expect(await by(silent)).toBe('sudo')
    expect(await by({ commands: { [`${sudo} -n true`]: { code: 1 } } })).toBe('pkexec')
    expect(await by(silent, { environment: { DISPLAY: ':0' } })).toBe('pkexec')
    expect(await by(silent, { environment: { WAYLAND_DISPLAY: 'wayland-0' } })).toBe('pkexec')
  })

  it('name the commands where neither pkexec nor sudo is there', async () => {
    const { actions } = bench(...STOPPED)
    const fix = ['systemctl start libvirtd.service']
    expect(await actions.plan('kvm', 'start', false)).toMatchObject({
      commands: fix,
      refusal: { kind: 'permission', fix },
    })
    const applied = actions.apply({ hypervisor: 'kvm', action: 'start', undo: false, commands: fix })
    await expect(applied).rejects.toMatchObject({ detail: { kind: 'permission' } })
  })

  it('run nothing but what was shown', async () => {
    const { actions, told } = bench(...STOPPED, ROOT)
    const applied = actions.apply({ hypervisor: 'kvm', action: 'start', undo: false, commands: ['rm -rf /'] })
    await expect(applied).rejects.toMatchObject({ detail: { kind: 'precondition' } })
    expect(told).toEqual([])
  })

  it('are done when they end well although they were cancelled, and say that root’s cannot be ended', async () => {
    const go = join(folder, 'go')
    await program('systemctl', `echo begun; until [ -e '${go}' ]; do sleep 0.05; done`)
    const { actions, tasks, logs, ended } = bench(...STOPPED, ROOT)
    const commands = ['systemctl start libvirtd.service']
    const ref = await actions.apply({ hypervisor: 'kvm', action: 'start', undo: false, commands })
    await vi.waitFor(() => expect(logs.at(-1)?.lines).toContain('begun'))
    // What the kernel says to a login whose process runs as root, in a test that may itself run as root.
    const kill = vi.spyOn(process, 'kill').mockImplementationOnce(() => {
      throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' })
    })
    try {
      tasks.cancel(ref.taskId)
      expect(kill).toHaveBeenCalledOnce()
    } finally {
      kill.mockRestore()
      await writeFile(go, '')
    }
    expect(await ended(ref)).toMatchObject({ state: 'done', offer: { name: 'apply' } })
    expect(logs.at(-1)).toMatchObject({ state: 'done', undoable: true, error: null })
    expect(logs.at(-1)?.lines.join()).toContain('may not end these commands')
    expect(await actions.plan('kvm', 'start', true)).toMatchObject({ refusal: null })
  })

  it('end when they are cancelled, and one runs at a time', async () => {
    await program('systemctl', 'echo begun; sleep 600 & wait')
    // What was written before a long silence is told meanwhile.
    const begun = () => vi.waitFor(() => expect(logs.at(-1)?.lines).toContain('begun'))
    const { actions, tasks, logs, ended } = bench(...STOPPED, ROOT)
    const input = {
      hypervisor: 'kvm',
      action: 'start',
      undo: false,
      commands: ['systemctl start libvirtd.service'],
    } as const
    const ref = await actions.apply(input)
    await begun()
    await expect(actions.apply(input)).rejects.toMatchObject({ detail: { kind: 'precondition' } })
    tasks.cancel(ref.taskId)
    expect(await ended(ref)).toMatchObject({ state: 'cancelled' })
    expect(logs.at(-1)?.state).toBe('cancelled')
  })
})
