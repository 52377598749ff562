import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { startAgent, type Message, type TestAgent } from '../fixture/agent.ts'
import { until } from '../fixture/wait.ts'

const isTelemetry = (message: Message): boolean => message.method === 'telemetry'

test('nothing is pushed unasked', async () => {
  await using agent = await startAgent()
  await agent.line.call('ping')
  await sleep(1500)
  expect(agent.line.heard).toEqual([])
})

test('a busy CPU shows, and what it is made of', async () => {
  await using agent = await startAgent()
  const busy = await agent.line.call('exec.start', { shell: 'while :; do :; done', timeout_seconds: 60 })
  await agent.line.call('telemetry.get')
  await sleep(500)
  const sample = await agent.line.call('telemetry.get')
  // An agent that is killed takes its commands along only where a service manager sees to it.
  await agent.line.call('exec.cancel', { id: busy.id })
  expect(Number(sample.cpu_percent)).toBeGreaterThan(5)
  expect(Number(sample.cpu_percent)).toBeLessThanOrEqual(100)
  expect(Number(sample.memory_available_bytes)).toBeGreaterThan(0)
  expect(Number(sample.memory_available_bytes)).toBeLessThan(Number(sample.memory_total_bytes))
  expect(sample.filesystems).toEqual(
    expect.arrayContaining([expect.objectContaining({ total_bytes: expect.any(Number) })]),
  )
  expect(sample.interfaces).not.toEqual(expect.arrayContaining([expect.objectContaining({ name: 'lo' })]))
})

test('the host sets the interval, changes it and ends it', async () => {
  await using agent = await startAgent()
  expect(await agent.line.call('telemetry.subscribe', { interval_seconds: 0.2 })).toEqual({ interval_seconds: 0.2 })
  for (let count = 0; count < 3; count++) await agent.line.next('telemetry', isTelemetry)
  await agent.line.call('telemetry.subscribe', { interval_seconds: 3600 })
  await agent.line.next('the first of the new interval', isTelemetry)
  await agent.line.call('telemetry.unsubscribe')
  const heard = agent.line.heard.length
  await sleep(600)
  expect(agent.line.heard.length).toBe(heard)
  for (const interval of [0, -1, 1e9, 'often']) {
    expect((await agent.line.ask('telemetry.subscribe', { interval_seconds: interval })).error?.code).toBe(-32602)
  }
})

test('the configuration’s interval is pushed unasked, until the host wants it otherwise', async () => {
  await using agent = await startAgent({ config: { telemetry_interval_secs: 1 } })
  await agent.line.next('telemetry', isTelemetry)
  await agent.line.next('telemetry', isTelemetry)
  await agent.line.call('telemetry.unsubscribe')
  const heard = agent.line.heard.filter(isTelemetry).length
  await sleep(1500)
  expect(agent.line.heard.filter(isTelemetry).length).toBe(heard)
})

test('a host that does not read gets answers, all of them, and no old telemetry', async () => {
  await using agent = await startAgent()
  await agent.line.call('telemetry.subscribe', { interval_seconds: 0.1 })
  agent.pty.duplex.pause()
  const answers = Array.from({ length: 200 }, async () => agent.line.ask('agent.capabilities'))
  await sleep(3000)
  agent.pty.duplex.resume()
  const results = await Promise.all(answers)
  expect(results.every(answer => answer.result !== undefined)).toBe(true)
})

test('a line on which nothing gets out any more is opened anew', async () => {
  const health = { enabled: true, interval_secs: 1, telemetry_timeout_secs: 1 }
  await using agent = await startAgent({ config: { health } })
  await agent.line.call('telemetry.subscribe', { interval_seconds: 0.5 })
  await sleep(3000)
  expect(agent.log()).not.toContain('anew')
  agent.pty.duplex.pause()
  for (let count = 0; count < 400; count++) void agent.line.ask('agent.capabilities')
  await until('the agent to notice', () => agent.log().includes('opening the channel anew'), 20_000)
  agent.pty.duplex.resume()
  await until('the line to open', () => agent.log().split('channel opened').length === 3)
  await agent.line.call('ping')
})

const residentBytes = async ({ pid }: TestAgent): Promise<number> =>
  1024 * Number(/^Rss:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1])

test('while it tells, answers, runs commands and takes a file its memory stays within its budget', async () => {
  await using agent = await startAgent()
  const { line } = agent
  await line.call('agent.hello')
  await line.call('telemetry.subscribe', { interval_seconds: 0.1 })
  const path = join(agent.folder, 'file')
  const { upload } = await line.call('file.write.begin', { path })
  const data = Buffer.alloc(45 * 1024, 'Vireo').toString('base64')
  const seen: number[] = []
  for (let turn = 0; turn < 40; turn++) {
    for (const method of ['ping', 'get_system_info', 'get_network_info', 'get_disk_usage', 'telemetry.get']) {
      await line.call(method)
    }
    await line.call('exec_command', { command: 'true' })
    await line.call('process.list', { limit: 100 })
    await line.call('file.write.chunk', { upload, offset: turn * 45 * 1024, data })
    seen.push(await residentBytes(agent))
  }
  await line.call('file.write.commit', { upload })
  expect(line.heard.filter(isTelemetry).length).toBeGreaterThan(5)
  expect(Math.max(...seen)).toBeLessThanOrEqual(2.5e6)
  expect(Math.min(...seen)).toBeGreaterThan(1e6)
})
