import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Connection, type DomainRef } from '../../app-main/src/libvirt/index.ts'
import { AgentLine } from '../fixture/agent.ts'
import { testDomain, type TestDomain } from '../fixture/domain.ts'
import { until } from '../fixture/wait.ts'

const channel = 'org.vireo.agent.0'

let machine: TestDomain
let connection: Connection
let domain: DomainRef

beforeAll(async () => {
  machine = await testDomain({ prefix: 't-agentcore', kind: 'agent' })
  connection = await Connection.open('qemu:///system')
  domain = await connection.domain.lookupByUuid(machine.uuid)
  await until(
    'the agent to open its port',
    async () => (await machine.virsh('dumpxml')).includes(`name='${channel}' state='connected'`),
    240_000,
  )
})

afterAll(async () => {
  await connection.close()
  await machine.dispose()
})

interface Host extends AsyncDisposable {
  readonly line: AgentLine
  readonly stream: Duplex
}

const openLine = async (): Promise<Host> => {
  const stream = await connection.domain.openChannel(domain, channel)
  stream.on('error', () => undefined)
  const closed = once(stream, 'close')
  return {
    line: new AgentLine(stream),
    stream,
    [Symbol.asyncDispose]: async () => {
      stream.destroy()
      await closed
    },
  }
}

test('the agent answers through the hypervisor', async () => {
  await using host = await openLine()
  expect(await host.line.call('agent.hello')).toMatchObject({ agent: 'vireo', privileged: true, user: '0' })
  const system = await host.line.call('get_system_info')
  expect(system).toMatchObject({ hostname: 'vireo-micro', os_type: 'linux', cpu_count: 1 })
  expect(await host.line.call('exec_command', { command: 'uname', args: ['-n'] })).toMatchObject({
    stdout: 'vireo-micro\n',
  })
})

test('a host that leaves in the middle of a line, and one that comes at once', async () => {
  for (let turn = 0; turn < 5; turn++) {
    await using host = await openLine()
    await host.line.call('ping')
    await host.line.call('telemetry.subscribe', { interval_seconds: 0.1 })
    const { id } = await host.line.call('exec.start', { args: ['yes'], timeout_seconds: 1000, max_output_bytes: 1e9 })
    await host.line.next('output', message => message.method === 'exec.output' && message.params?.id === id, 60_000)
    host.line.raw('{"jsonrpc":"2.0","id":1,"method":"exec_comm')
  }
  await using host = await openLine()
  await until('an answer that is only for us', async () => (await host.line.ask('ping')).result !== undefined, 60_000)
  await host.line.call('agent.hello')
  await until('what the others began to end', async () => {
    const { commands } = await host.line.call('exec.list')
    return Array.isArray(commands) && commands.length === 0
  })
  expect(host.line.garbage.length).toBeLessThanOrEqual(1)
})

test('telemetry comes at the interval that was asked for', async () => {
  await using host = await openLine()
  await host.line.call('agent.hello')
  await host.line.call('telemetry.subscribe', { interval_seconds: 0.2 })
  const samples = []
  for (let index = 0; index < 5; index++) {
    samples.push((await host.line.next('telemetry', message => message.method === 'telemetry', 60_000)).params)
  }
  expect(samples[0]).toMatchObject({
    cpu_count: 1,
    swap_total_bytes: 0,
    process_count: expect.any(Number),
    load: [expect.any(Number), expect.any(Number), expect.any(Number)],
  })
  const times = samples.map(sample => Number(sample?.time_ms))
  expect(times.toSorted((a, b) => a - b)).toEqual(times)
  expect(new Set(times).size).toBe(5)
  for (const sample of samples) {
    expect(Number(sample?.cpu_percent)).toBeGreaterThanOrEqual(0)
    expect(Number(sample?.cpu_percent)).toBeLessThanOrEqual(100)
  }
  await host.line.call('telemetry.unsubscribe')
})

test('an agent that is killed comes back on the same channel', async () => {
  await using host = await openLine()
  const { pid } = await host.line.call('agent.hello')
  await machine.spawnInGuest('/bin/kill', '-9', String(pid))
  await until(
    'another agent',
    async () => {
      const answer = host.line.ask('agent.capabilities')
      const none = new Promise<null>(resolve => {
        setTimeout(() => {
          resolve(null)
        }, 2000)
      })
      const { result } = (await Promise.race([answer, none])) ?? {}
      return typeof result === 'object' && result !== null && 'pid' in result && result.pid !== pid
    },
    60_000,
  )
})

test('an agent without a host rests', async () => {
  const ticks = async (): Promise<number> => {
    await using host = await openLine()
    const { pid } = await host.line.call('agent.hello')
    const { stdout } = await host.line.call('exec_command', {
      command: 'cut',
      args: ['-d ', '-f14,15', `/proc/${pid}/stat`],
    })
    return String(stdout)
      .split(' ')
      .reduce((sum, one) => sum + Number(one), 0)
  }
  const before = await ticks()
  await sleep(10_000)
  // A thousand ticks are ten seconds.
  expect((await ticks()) - before).toBeLessThan(250)
})
