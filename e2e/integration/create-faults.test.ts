/** What happens to a machine that is being made when what it is made of goes away. */
import { execFileSync } from 'node:child_process'
import { chmod, chown, mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { CreateDraft, Task, type ConnectionUri } from '../../app-main/src/contract/index.ts'
import { KvmDriver } from '../../app-main/src/hypervisor/kvm/driver.ts'
import { DriverRegistry } from '../../app-main/src/hypervisor/registry.ts'
import { createServices } from '../../app-main/src/service/services.ts'
import { privateDaemon } from '../fixture/private-daemon.ts'
import { run } from '../fixture/run.ts'
import { until } from '../fixture/wait.ts'

const context = { principal: { surface: 'cli', name: 'tester' }, signal: new AbortController().signal } as const

/** A Vireo on a daemon of its own, with a pool and an image; `at` is called when a step begins, and may break things. */
const bench = async (stack: AsyncDisposableStack) => {
  const daemon = stack.use(await privateDaemon())
  const folder = await mkdtemp(join(tmpdir(), 'vireo-faults-'))
  stack.defer(async () => rm(folder, { recursive: true, maxRetries: 5 }))
  await chmod(folder, 0o755)
  const files = join(folder, 'pool')
  await mkdir(files)
  // The daemon's own user writes there.
  const { uid, gid } = await stat(daemon.socket)
  await chown(files, uid, gid)
  const image = join(folder, 'base.qcow2')
  await run('qemu-img', ['create', '-q', '-f', 'qcow2', image, '32M'])
  const uri = daemon.uri as ConnectionUri
  const name = `t-faults-${basename(folder).slice(-6)}`
  const virsh = (...args: string[]): string => execFileSync('virsh', ['-q', '-c', uri, ...args], { encoding: 'utf8' })
  virsh('pool-define-as', name, 'dir', '--target', files)
  virsh('pool-start', name)
  const news = new Map<string, Task>()
  let at: (step: string) => void = () => undefined
  const services = await createServices({
    ...{ drivers: new DriverRegistry([new KvmDriver()]), connections: [uri], shellReason: null },
    ...{ configFolder: join(folder, 'config'), stateFolder: join(folder, 'state') },
    publish: (room, _event, payload) => {
      if (room !== 'task') return
      const task = Task.parse(payload)
      const began = news.get(task.id)?.step !== task.step && task.state === 'running'
      news.set(task.id, task)
      if (began && task.step !== null) at(task.step)
    },
  })
  stack.defer(() => services.dispose())
  await until('Vireo to reach the daemon', async () => {
    const [connection] = await services.handlers.connection.list({ partial: false }, context)
    return connection?.state === 'ready'
  })
  const ended = ({ taskId }: { taskId: string }): Promise<Task> =>
    until('the end of the task', () => (news.get(taskId)?.state === 'running' ? undefined : news.get(taskId)), 120_000)
  const shape = { pool: name, memory: '128M', cpus: 1, disk: '64M', accelerator: 'emulation', vireoAgent: false }
  const draft = CreateDraft.parse({ source: image, name, ...shape, networks: [], start: false, user: 'ada' })
  return {
    ...{ daemon, services, virsh, name, ended },
    made: () => readdir(files),
    /** Breaks something at the moment when a step begins. */
    breaking: async (step: string, work: () => void) => {
      at = now => {
        if (now !== step) return
        at = () => undefined
        work()
      }
      return ended(await services.handlers.create.run({ connection: uri, draft }, context))
    },
  }
}

test('libvirtd that is killed while a machine is made leaves a half of it, which is made after all', async () => {
  await using stack = new AsyncDisposableStack()
  const { daemon, services, virsh, name, ended, made, breaking } = await bench(stack)
  const task = await breaking('Writing the seed', () => process.kill(daemon.pid, 'SIGKILL'))
  expect(task).toMatchObject({ state: 'failed', error: { kind: 'connection' } })
  await daemon.kill9()
  await daemon.restart()
  const { create } = services.handlers
  const left = await create.unfinished({}, context)
  expect(left).toMatchObject([{ name, finishable: true }])
  const files = await made()
  expect(files).not.toEqual([])
  const finishing = await until(
    'Vireo to reach the daemon again',
    async () => Promise.all(left.map(({ id }) => create.finish({ id }, context))).catch(() => undefined),
    60_000,
  )
  for (const one of finishing) expect((await ended(one)).error).toBeNull()
  expect(virsh('list', '--all', '--name').trim()).toBe(name)
  expect(await create.unfinished({}, context)).toEqual([])
  // Its own disk and seed, and nothing of the half.
  expect((await made()).filter(file => files.includes(file))).toEqual([])
  expect(await made()).toHaveLength(2)
}, 180_000)

test('a pool that is stopped or removed while a machine is made ends that in words, and leaves no machine', async () => {
  await using stack = new AsyncDisposableStack()
  const { virsh, name, made, breaking, services } = await bench(stack)
  const task = await breaking('Making the disks', () => {
    virsh('pool-destroy', name)
    virsh('pool-undefine', name)
  })
  expect(task).toMatchObject({ state: 'failed', error: { message: expect.stringContaining(name) } })
  expect(task.error?.kind).not.toBe('internal')
  expect([await made(), virsh('list', '--all', '--name').trim()]).toEqual([[], ''])
  expect(await services.handlers.create.unfinished({}, context)).toEqual([])
}, 120_000)
