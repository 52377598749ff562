/** One real guest with two real agents: who is asked what, and what becomes of it when the better one is killed. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  domainId,
  ExecSpec,
  type ConnectionUri,
  type DomainId,
  type GuestFeature,
} from '../../app-main/src/contract/index.ts'
import { KvmDriver } from '../../app-main/src/hypervisor/kvm/driver.ts'
import { DriverRegistry } from '../../app-main/src/hypervisor/registry.ts'
import { ConnectionSet } from '../../app-main/src/service/connection/connection-set.ts'
import { GuestSessions } from '../../app-main/src/service/guest/guest-sessions.ts'
import { discover, linkTo } from '../../app-main/src/service/guest/reach.ts'
import { testDomain, type TestDomain } from '../fixture/domain.ts'
import { asking } from '../fixture/guest-link.ts'
import { until } from '../fixture/wait.ts'

const URI = 'qemu:///system' as ConnectionUri
/** An emulated guest on a busy computer takes its time. */
const SLOW = 240_000

const stack = new AsyncDisposableStack()
let machine: TestDomain
let sessions: GuestSessions
let id: DomainId

beforeAll(async () => {
  machine = stack.use(await testDomain({ kind: 'agent', prefix: 't-mixed' }))
  const connections = new ConnectionSet(new DriverRegistry([new KvmDriver()]), () => undefined)
  stack.defer(() => connections.dispose())
  await connections.add(URI).settled()
  sessions = new GuestSessions({ connections, publish: () => undefined, linkTo, discover })
  stack.defer(() => sessions.dispose())
  id = domainId(machine.uuid, URI)
  await bothAnswer()
}, 600_000)

afterAll(() => stack.disposeAsync())

const bothAnswer = () =>
  until(
    'both agents',
    async () => {
      const status = await sessions.status(id, asking.signal).catch(() => null)
      if (status === null) return false
      const answering = status.agents.filter(({ state }) => state === 'answering').map(({ dialect }) => dialect)
      // Whoever was still starting at the first look is found by another one.
      if (answering.length < 2) sessions.refresh(id)
      return answering.join() === 'vireo,qemu-ga'
    },
    SLOW,
  )

const dialectFor = (feature: GuestFeature) =>
  sessions.use(id, { feature, ...asking }, async ({ dialect }) => Promise.resolve(dialect))

/** A command's output, and whose work it was. */
const run = (shell: string) =>
  sessions.use(id, { feature: 'exec', ...asking }, async (agent, within) => {
    let stdout = ''
    const onOutput = (_: string, bytes: Uint8Array) => void (stdout += Buffer.from(bytes).toString())
    await agent.exec(ExecSpec.parse({ shell, timeoutSeconds: 60 }), { onOutput }, within)
    return { stdout, dialect: agent.dialect }
  })

const kindOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'nothing failed',
    (error: { readonly detail?: unknown }) => error.detail,
  )

test('each feature is asked of the best agent that has it', { timeout: SLOW }, async () => {
  for (const feature of ['exec', 'exec-stream', 'telemetry', 'read-file', 'write-file', 'freeze', 'processes'] as const)
    expect([feature, await dialectFor(feature)]).toEqual([feature, 'vireo'])
  // What only the other one has.
  for (const feature of ['ssh-keys', 'vcpus'] as const) expect(await dialectFor(feature)).toBe('qemu-ga')
  await sessions.use(id, { feature: 'write-file', ...asking }, (agent, within) =>
    agent.writeFile({ path: '/tmp/shared', content: oneByOne('by one, ', 'read by all') }, within),
  )
  expect(await run('cat /tmp/shared')).toEqual({ stdout: 'by one, read by all', dialect: 'vireo' })
})

async function* oneByOne(...texts: string[]) {
  for (const text of texts) yield Promise.resolve(Buffer.from(text))
}

test(
  'when the better one is killed its work fails, the other takes over, and it is preferred when it is back',
  { timeout: 2 * SLOW },
  async () => {
    const { stdout } = await run('mv /bin/vireo-agent /bin/kept; pidof vireo-agent kept; echo >>/tmp/ran')
    const pid = stdout.trim().split(' ')[0] ?? ''
    expect(pid).toMatch(/^\d+$/)
    const underWay = kindOf(run('echo >>/tmp/ran; touch /tmp/begun; exec sleep 3600'))
    await until('the command', () => run('ls /tmp/begun').then(({ stdout: seen }) => seen !== ''), SLOW)
    await machine.spawnInGuest('/bin/kill', '-9', pid)

    expect(await underWay).toMatchObject({ kind: 'connection', trouble: 'lost' })
    await until(
      'the other agent to take over',
      () =>
        dialectFor('exec').then(
          dialect => dialect === 'qemu-ga',
          () => false,
        ),
      SLOW,
    )
    // Nothing that was under way is done again: it may have been done already.
    expect(await run('wc -l </tmp/ran')).toEqual({ stdout: '2\n', dialect: 'qemu-ga' })
    expect(await kindOf(dialectFor('exec-stream'))).toMatchObject({ kind: 'unsupported' })
    expect((await sessions.status(id, asking.signal)).agents.slice(0, 2)).toMatchObject([
      { dialect: 'vireo', state: 'silent' },
      { dialect: 'qemu-ga', state: 'answering' },
    ])

    await run('mv /bin/kept /bin/vireo-agent')
    await until('the better one again', async () => (await dialectFor('exec')) === 'vireo', SLOW)
    expect(await run('cat /tmp/shared')).toEqual({ stdout: 'by one, read by all', dialect: 'vireo' })
  },
)
