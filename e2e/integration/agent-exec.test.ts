import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { gone, startAgent, type AgentLine, type Message } from '../fixture/agent.ts'
import { lives, until } from '../fixture/wait.ts'

const codeOf = (message: Message): number | undefined => message.error?.code

interface Outcome {
  readonly stdout: Buffer
  readonly stderr: Buffer
  readonly end: Readonly<Record<string, unknown>>
}

/** Takes a command's output as it comes, telling the agent so, until its end. */
const outcome = async (line: AgentLine, id: unknown, acknowledge = true): Promise<Outcome> => {
  const parts: Record<string, Buffer[]> = { stdout: [], stderr: [] }
  for (;;) {
    const { method, params = {} } = await line.next(
      'output or the end',
      message => message.params?.id === id && (message.method === 'exec.output' || message.method === 'exec.end'),
      60_000,
    )
    if (method === 'exec.end') {
      const { stdout = [], stderr = [] } = parts
      return { stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr), end: params }
    }
    const bytes = Buffer.from(String(params.data), 'base64')
    parts[String(params.stream)]?.push(bytes)
    if (acknowledge) line.notify('exec.ack', { id, bytes: bytes.length })
  }
}

const start = async (line: AgentLine, spec: object): Promise<Outcome> =>
  outcome(line, (await line.call('exec.start', spec)).id)

test('a program with arguments that no shell touches', async () => {
  await using agent = await startAgent()
  const { stdout, end } = await start(agent.line, { args: ['printf', '%s|', '$HOME', 'a b', '*', "'", '', 'ü😀'] })
  expect(stdout.toString()).toBe("$HOME|a b|*|'||ü😀|")
  expect(end).toMatchObject({ exit_code: 0, signal: null, timed_out: false, stdout_truncated: false, stdout_bytes: 22 })
})

test('a shell, a directory, an environment', async () => {
  await using agent = await startAgent()
  const { stdout } = await start(agent.line, {
    shell: 'pwd; echo "$GREETING" | tr a-z A-Z; env | sort',
    cwd: '/usr/share',
    env: { GREETING: 'hello\nthere' },
  })
  const text = stdout.toString()
  expect(text.startsWith('/usr/share\nHELLO\nTHERE\n')).toBe(true)
  expect(text).toContain('\nPATH=/usr/local/sbin:')
  // Nothing of ours goes in.
  expect(text).not.toContain('VITEST')
})

test('another user with his groups and his home', async () => {
  if (process.getuid?.() !== 0) throw new Error('this test changes users: run it as root')
  await using agent = await startAgent()
  const { stdout } = await start(agent.line, {
    shell: 'id -un; id -gn; id -G; echo $HOME $USER',
    user: 'nobody',
    group: 'daemon',
  })
  expect(stdout.toString().split('\n').slice(0, 2)).toEqual(['nobody', 'daemon'])
  expect(stdout.toString()).toContain('/nonexistent nobody')
  expect(codeOf(await agent.line.ask('exec.start', { args: ['id'], user: 'no-such-user' }))).toBe(-32002)
})

test('input in pieces, and its end', async () => {
  await using agent = await startAgent()
  const { id } = await agent.line.call('exec.start', { args: ['sha256sum'], stdin: true })
  const piece = Buffer.alloc(200_000, 'x')
  for (let sent = 0; sent < 5; sent++) {
    await agent.line.call('exec.stdin', { id, data: piece.toString('base64') })
  }
  await agent.line.call('exec.stdin', { id, eof: true })
  const { stdout } = await outcome(agent.line, id)
  const { createHash } = await import('node:crypto')
  expect(stdout.toString().slice(0, 64)).toBe(createHash('sha256').update(Buffer.alloc(1_000_000, 'x')).digest('hex'))
})

test('input that nobody reads is told, not waited for', async () => {
  await using agent = await startAgent()
  const { id } = await agent.line.call('exec.start', { shell: 'exec 0<&-; sleep 5', stdin: true })
  const data = Buffer.alloc(400_000).toString('base64')
  expect(codeOf(await agent.line.ask('exec.stdin', { id, data }))).toBe(-32005)
  await agent.line.call('exec.cancel', { id, signal: 9 })
  expect((await outcome(agent.line, id)).end).toMatchObject({ signal: 'SIGKILL', exit_code: null })
})

test('ten megabytes of output arrive whole, and only as fast as they are taken', async () => {
  await using agent = await startAgent()
  const spec = { shell: 'head -c 10000000 /dev/zero | tr "\\0" x; echo end >&2', max_output_bytes: 20_000_000 }
  const { stdout, stderr, end } = await start(agent.line, spec)
  expect(stdout.length).toBe(10_000_000)
  expect(stdout.every(byte => byte === 0x78)).toBe(true)
  expect(stderr.toString()).toBe('end\n')
  expect(end).toMatchObject({ exit_code: 0, stdout_bytes: 10_000_000, stdout_truncated: false })

  const { id } = await agent.line.call('exec.start', {
    args: ['yes'],
    window_bytes: 65_536,
    max_output_bytes: 1e12,
    timeout_seconds: 600,
  })
  await until('the window to be full', () => agent.line.heard.filter(message => message.params?.id === id).length > 0)
  for (let turn = 0; turn < 20; turn++) await agent.line.call('ping')
  const sent = agent.line.heard
    .filter(message => message.method === 'exec.output')
    .reduce((sum, message) => sum + Buffer.from(String(message.params?.data), 'base64').length, 0)
  expect(sent).toBeLessThanOrEqual(65_536)
  await agent.line.call('exec.cancel', { id })
  expect((await outcome(agent.line, id)).end).toMatchObject({ cancelled: true })
})

test('output beyond the limit is dropped and marked, and the command goes on', async () => {
  await using agent = await startAgent()
  const spec = { shell: 'head -c 5000000 /dev/zero; echo done >&2; exit 7', max_output_bytes: 1000 }
  const { stdout, stderr, end } = await start(agent.line, spec)
  expect(stdout.length).toBe(1000)
  expect(stderr.toString()).toBe('done\n')
  expect(end).toMatchObject({ exit_code: 7, stdout_truncated: true, stdout_bytes: 5_000_000, stderr_truncated: false })
})

test('a time-out ends the whole group', async () => {
  await using agent = await startAgent()
  const { stdout, end } = await start(agent.line, {
    shell: 'sleep 600 & echo $!; trap "" TERM; sleep 600',
    timeout_seconds: 1,
  })
  expect(end).toMatchObject({ timed_out: true, exit_code: null, signal: 'SIGKILL' })
  await gone(Number(stdout.toString()))
  const waited = await agent.line.ask('exec_command', { command: 'sleep', args: ['60'], timeout_seconds: 1 })
  expect(waited.error).toEqual({ code: -32003, message: 'Command timed out after 1 seconds' })
})

test('cancelling asks first and then forces', async () => {
  await using agent = await startAgent()
  const polite = await agent.line.call('exec.start', {
    shell: 'trap "echo bye; exit 5" TERM; echo up; sleep 60 & wait',
  })
  await agent.line.next('the trap to stand', message => message.method === 'exec.output')
  await agent.line.call('exec.cancel', { id: polite.id })
  const first = await outcome(agent.line, polite.id)
  expect(first.stdout.toString()).toBe('bye\n')
  expect(first.end).toMatchObject({ exit_code: 5, cancelled: true })
  const deaf = await agent.line.call('exec.start', { shell: 'trap "" TERM; echo up; while :; do sleep 1; done' })
  await agent.line.next('the trap to stand', message => message.method === 'exec.output')
  await agent.line.call('exec.cancel', { id: deaf.id })
  expect((await outcome(agent.line, deaf.id)).end).toMatchObject({ signal: 'SIGKILL', cancelled: true })
  expect(await agent.line.call('exec.list')).toEqual({ commands: [] })
})

test('what a command leaves running does not keep it open', async () => {
  await using agent = await startAgent()
  const { stdout, end } = await start(agent.line, { shell: 'sleep 600 & echo $!' })
  const pid = Number(stdout.toString())
  expect(end).toMatchObject({ exit_code: 0 })
  expect(lives(pid)).toBe(true)
  process.kill(pid, 'SIGKILL')
})

test('a command that cannot be started fails with the system’s own word', async () => {
  await using agent = await startAgent()
  const failures = [
    [{ args: ['/no/such/program'] }, -32002, 'No such file or directory (os error 2)'],
    [{ args: ['no-such-program'] }, -32002, 'No such file or directory (os error 2)'],
    [{ args: ['/etc'] }, -32001, 'Permission denied (os error 13)'],
    [{ args: ['id'], cwd: '/no/such/folder' }, -32002, 'No such file or directory (os error 2)'],
    [{ args: ['id', 'x'.repeat(200_000)] }, -32000, 'Argument list too long (os error 7)'],
  ] as const
  for (const [spec, code, message] of failures) {
    expect((await agent.line.ask('exec.start', spec)).error).toMatchObject({ code, message })
  }
  const seed = await agent.line.ask('exec_command', { command: '/no/such/program' })
  expect(seed.error).toMatchObject({
    code: -32000,
    message: 'Execution failed: No such file or directory (os error 2)',
  })
  for (const spec of [
    { args: ['id'], shell: 'id' },
    {},
    { args: [] },
    { args: ['a\0b'] },
    { args: ['id'], env: { 'A=B': 'x' } },
  ]) {
    expect(codeOf(await agent.line.ask('exec.start', spec))).toBe(-32602)
  }
  expect(await agent.line.call('exec.list')).toEqual({ commands: [] })
})

test('a command line of 200 KB runs', async () => {
  await using agent = await startAgent()
  const text = 'wörld😀 '.repeat(20_000)
  const { stdout, end } = await start(agent.line, { shell: `printf %s '${text}'; exit 4` })
  expect(stdout.toString()).toBe(text)
  expect(end).toMatchObject({ exit_code: 4 })
})

test('no command outlives the host that started it', async () => {
  await using agent = await startAgent()
  const { pid } = await agent.line.call('exec.start', { args: ['sleep', '600'], timeout_seconds: 1000 })
  await agent.line.call('agent.hello')
  await gone(Number(pid))
})

test('a command ends with an agent that is killed, what it sent into the background does not', async () => {
  await using agent = await startAgent()
  const { pid } = await agent.line.call('exec.start', { args: ['sleep', '600'] })
  const shell = 'setsid sleep 600 >/dev/null 2>&1 & echo $!; wait'
  await agent.line.call('exec.start', { shell })
  const { params } = await agent.line.next('the number', ({ method }) => method === 'exec.output')
  const background = Number(Buffer.from(String(params?.data), 'base64').toString())
  try {
    agent.kill('SIGKILL')
    await gone(Number(pid))
    expect(lives(background)).toBe(true)
  } finally {
    process.kill(background, 'SIGKILL')
  }
})

test('the configuration shortens time-outs and counts commands', async () => {
  const config = { security: { max_command_timeout_seconds: 1, max_commands_per_minute: 2 } }
  await using agent = await startAgent({ config })
  const { end } = await start(agent.line, { args: ['sleep', '60'], timeout_seconds: 60 })
  expect(end).toMatchObject({ timed_out: true })
  await agent.line.call('exec_command', { command: 'true' })
  const busy = await agent.line.ask('exec_command', { command: 'true' })
  expect(busy.error).toMatchObject({ code: -32004, data: { retry_after_ms: expect.any(Number) } })
})

test('audit entries tell who was run, in a file of bounded size', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vireo-agent-log-'))
  const file = join(folder, 'agent.log')
  const config = {
    log_file: file,
    log_format: 'json',
    log_max_size_bytes: 4096,
    log_max_files: 2,
    security: { audit_logging: true },
  }
  try {
    await using agent = await startAgent({ config })
    for (let turn = 0; turn < 60; turn++) {
      await agent.line.call('exec_command', { command: 'true', args: [`turn-${turn}\n`, '\u001b[31m'] })
    }
    const lines = (await readFile(file, 'utf8')).trim().split('\n')
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({
      level: 'info',
      message: 'audit exec_command',
      command: '"true"',
    })
    expect(lines.join('')).not.toContain('\u001b')
    const sizes = await Promise.all(['', '.1', '.2'].map(async suffix => (await stat(file + suffix)).size))
    expect(Math.max(...sizes)).toBeLessThanOrEqual(4096)
    await expect(stat(`${file}.3`)).rejects.toThrow('ENOENT')
  } finally {
    await rm(folder, { recursive: true, maxRetries: 5 })
  }
})
