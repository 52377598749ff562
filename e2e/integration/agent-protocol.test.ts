import { readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { AgentLine, ptyLine, startAgent, type Message } from '../fixture/agent.ts'
import { until } from '../fixture/wait.ts'

const codeOf = (message: Message): number | undefined => message.error?.code

const refusals: readonly (readonly [string, string, number, string | number | null])[] = [
  ['broken JSON', '{"jsonrpc":"2.0","method"', -32700, null],
  ['no JSON at all', 'hello', -32700, null],
  ['a batch', '[{"jsonrpc":"2.0","id":1,"method":"ping"}]', -32600, null],
  ['an empty batch', '[]', -32600, null],
  ['a string', '"ping"', -32600, null],
  ['no version', '{"id":"a","method":"ping"}', -32600, 'a'],
  ['another version', '{"jsonrpc":"1.0","id":"b","method":"ping"}', -32600, 'b'],
  ['no method', '{"jsonrpc":"2.0","id":"c"}', -32600, 'c'],
  ['a method that is no name', '{"jsonrpc":"2.0","id":"d","method":7}', -32600, 'd'],
  ['an id that is an object', '{"jsonrpc":"2.0","id":{},"method":"ping"}', -32600, null],
  ['an id without end', `{"jsonrpc":"2.0","id":"${'i'.repeat(1000)}","method":"ping"}`, -32600, null],
  ['an unknown method', '{"jsonrpc":"2.0","id":"e","method":"toString"}', -32601, 'e'],
  ['params by position', '{"jsonrpc":"2.0","id":"f","method":"ping","params":[1]}', -32602, 'f'],
  ['wrong params', '{"jsonrpc":"2.0","id":"g","method":"exec_command","params":{"command":7}}', -32602, 'g'],
  ['missing params', '{"jsonrpc":"2.0","id":"h","method":"file_read"}', -32602, 'h'],
  ['nesting without end', `{"jsonrpc":"2.0","id":1,"method":"ping","params":${'[1,'.repeat(500)}`, -32600, null],
]

test.each(refusals)('%s is refused', async (_, text, code, id) => {
  await using agent = await startAgent()
  agent.line.raw(`${text}\n`)
  const answer = await agent.line.next('a refusal', message => message.error !== undefined)
  expect(codeOf(answer)).toBe(code)
  expect(answer.id).toBe(id)
  await agent.line.call('ping')
})

test('a null id is a request, a missing one is never answered', async () => {
  await using agent = await startAgent()
  agent.line.raw('{"jsonrpc":"2.0","method":"ping"}\n{"jsonrpc":"2.0","method":"no.such"}\n')
  agent.line.raw('{"jsonrpc":"2.0","result":1,"id":7}\n\n')
  agent.line.raw('{"jsonrpc":"2.0","id":null,"method":"ping"}\n')
  await agent.line.call('ping')
  expect(agent.line.heard).toEqual([
    { jsonrpc: '2.0', id: null, result: { pong: true, timestamp: expect.any(Number) } },
  ])
})

test('a line that is too long is refused by its id, and the next one answered', async () => {
  await using agent = await startAgent({ config: { max_message_size_kb: 8 } })
  agent.line.raw(`{"jsonrpc":"2.0","id":41,"method":"ping","params":{"x":"${'x'.repeat(9000)}"}}\n`)
  const answer = await agent.line.next('the refusal', message => message.id === 41)
  expect(answer.error).toEqual({
    code: -32600,
    message: 'Invalid request: longer than 8192 bytes',
    data: { max_message_bytes: 8192 },
  })
  agent.line.raw('y'.repeat(100_000))
  await agent.line.next('a refusal before the line ends', message => message.id === null)
  agent.line.raw('\n')
  await agent.line.call('ping')
})

test('invalid UTF-8 and every single byte do no harm', async () => {
  await using agent = await startAgent()
  const every = Uint8Array.from({ length: 256 }, (_, index) => index)
  agent.line.raw(every)
  agent.line.raw('\n')
  agent.line.raw(
    Buffer.concat([Buffer.from('{"jsonrpc":"2.0","id":"\xff'), Buffer.from([0xff, 0xc0]), Buffer.from('"}\n')]),
  )
  expect((await agent.line.call('ping')).pong).toBe(true)
})

test('a thousand requests at once are all answered', async () => {
  await using agent = await startAgent()
  const answers = await Promise.all(Array.from({ length: 1000 }, async () => agent.line.ask('get_system_info')))
  expect(answers.filter(answer => answer.result !== undefined)).toHaveLength(1000)
  expect(agent.line.heard).toEqual([])
})

test('a thousand commands at once: so many run, the rest waits or is told to come again, none is lost', async () => {
  await using agent = await startAgent({ config: { max_concurrent_requests: 3, max_queued_requests: 20 } })
  const marks = join(agent.folder, 'marks')
  const answers = await Promise.all(
    Array.from({ length: 1000 }, async () =>
      agent.line.ask('exec_command', {
        command: 'sh',
        args: ['-c', `echo + >> ${marks}; sleep 0.2; echo - >> ${marks}`],
      }),
    ),
  )
  let running = 0
  const counts = (await readFile(marks, 'utf8'))
    .split('\n')
    .map(mark => (running += mark === '+' ? 1 : mark === '-' ? -1 : 0))
  expect(Math.max(...counts)).toBe(3)
  const done = answers.filter(answer => answer.result !== undefined)
  const busy = answers.filter(answer => codeOf(answer) === -32004)
  expect(done.length).toBeGreaterThanOrEqual(23)
  expect(done.length + busy.length).toBe(1000)
  expect(busy.length).toBeGreaterThan(0)
  await agent.line.call('ping')
})

test('ping is answered while everything else is busy', async () => {
  await using agent = await startAgent({ config: { max_concurrent_requests: 1 } })
  const slow = agent.line.ask('exec_command', { command: 'sleep', args: ['1'] })
  let over = false
  void slow.then(() => {
    over = true
  })
  await agent.line.call('ping')
  expect(over).toBe(false)
  await slow
})

test('the rate limit says when to come again', async () => {
  await using agent = await startAgent({ config: { max_requests_per_second: 5 } })
  const answers = await Promise.all(Array.from({ length: 50 }, async () => agent.line.ask('get_system_info')))
  const busy = answers.filter(answer => codeOf(answer) === -32004)
  expect(busy.length).toBeGreaterThan(0)
  expect(busy.length).toBeLessThan(50)
  expect(busy[0]?.error?.data).toEqual({ retry_after_ms: expect.any(Number) })
})

test('the host leaves in the middle of a message and another one comes', async () => {
  await using first = await ptyLine()
  await using second = await ptyLine()
  const device = join(tmpdir(), `vireo-agent-line-${process.pid}`)
  await using agent = await startAgent({ config: { connection_retry_seconds: 1 }, device })
  await until('a complaint', () => agent.log().includes('waiting for it'))
  try {
    await symlink(first.device, device)
    const line = new AgentLine(first.duplex)
    await line.call('ping')
    void line.ask('exec_command', { command: 'sleep', args: ['0.5'] })
    line.raw('{"jsonrpc":"2.0","id":99,"meth')
    await sleep(100)
    await rm(device)
    await symlink(second.device, device)
    await first.hangUp()
    const other = new AgentLine(second.duplex)
    await other.call('ping')
    await sleep(700)
    expect(agent.log().match(/cannot be opened/g)).toHaveLength(1)
    // Neither the half request nor the answer to the other one's command.
    expect(other.heard).toEqual([])
  } finally {
    await rm(device)
  }
})

test('the configuration’s device and longest piece are in force', async () => {
  await using pty = await ptyLine()
  await using agent = await startAgent({ config: { device_path: pty.device, max_chunk_size: 1000 }, device: null })
  const line = new AgentLine(pty.duplex)
  const path = join(agent.folder, 'file')
  await writeFile(path, Buffer.alloc(2500, 'Vireo'))
  expect(await line.call('file.read', { path, length: 2500 })).toMatchObject({ bytes: 1000, eof: false })
  expect(await line.call('file.read', { path, offset: 2000 })).toMatchObject({ bytes: 500, eof: true })
  expect(await line.call('agent.capabilities')).toMatchObject({ limits: { max_chunk_bytes: 1000 } })
})

test('it ends when asked to, and takes its commands with it', async () => {
  await using agent = await startAgent()
  const started = await agent.line.call('exec.start', { shell: 'sleep 1000 & sleep 1000', timeout_seconds: 1000 })
  agent.kill('SIGTERM')
  expect(await agent.exited).toBe(0)
  await until('its commands to end', async () => {
    try {
      process.kill(-Number(started.pid), 0)
      return false
    } catch {
      return true
    }
  })
})

test('an ordinary user runs it with fewer capabilities, and it says so', async () => {
  const uid = process.getuid?.() === 0 ? 65_534 : undefined
  await using agent = await startAgent({ ...(uid === undefined ? {} : { uid }) })
  const told = await agent.line.call('agent.hello')
  expect(told).toMatchObject({
    privileged: false,
    unavailable: expect.arrayContaining([{ method: 'quiesce.freeze', reason: 'The agent does not run as root' }]),
  })
  expect((await agent.line.call('get_agent_info')).capabilities).not.toContain('quiesce.freeze')
  expect(codeOf(await agent.line.ask('quiesce.freeze', {}))).toBe(-32001)
  expect(await agent.line.call('exec_command', { command: 'id', args: ['-u'] })).toMatchObject({
    stdout: `${uid ?? process.getuid?.() ?? ''}\n`,
  })
  expect(codeOf(await agent.line.ask('exec.start', { args: ['id'], user: 'root' }))).toBe(-32001)
})
