/** One serial line, two Vireo processes: whoever comes and goes, what the other one types reaches the guest once. */
import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { ByteStream } from '../../app-main/src/contract/index.ts'
import { webClient } from '../bench/web-client.ts'
import { testDomain } from '../fixture/domain.ts'
import { cliProgram, startServer } from '../fixture/server.ts'
import { until } from '../fixture/wait.ts'

const URI = 'qemu:///system'
/** An emulated guest on a busy computer takes its time. */
const GUEST_MS = 60_000
const LEAVE = '\u001d'

interface Typist {
  type(text: string): void
  sees(text: string): Promise<unknown>
  shown(): string
}

const byWebSocket = (line: ByteStream): Typist => {
  let shown = ''
  line.onData((bytes, done) => {
    shown += Buffer.from(bytes).toString()
    done()
  })
  return {
    type: text => void line.write(Buffer.from(text)),
    sees: text => until(`“${text}” through vireo serve`, () => shown.includes(text), GUEST_MS),
    shown: () => shown,
  }
}

const byConsole = async (machine: string, env: Readonly<Record<string, string>>) => {
  const child = spawn(process.execPath, [cliProgram, 'console', machine, '-c', URI], {
    env: { ...process.env, ...env },
  })
  let shown = ''
  child.stdout.on('data', (bytes: Buffer) => (shown += bytes.toString()))
  child.stderr.on('data', (bytes: Buffer) => (shown += bytes.toString()))
  const typist: Typist = {
    type: text => void child.stdin.write(text),
    sees: text => until(`“${text}” in the console`, () => shown.includes(text), GUEST_MS),
    shown: () => shown,
  }
  await typist.sees('Ctrl+] leaves')
  const ended = new Promise<number | null>(resolve => child.once('close', resolve))
  return { ...typist, ended, [Symbol.dispose]: () => void child.kill('SIGKILL') }
}

/** Commands that each leave a line in the guest, longer than a process takes to leave; `meanwhile` happens among them. */
const typesThrough = async (typist: Typist, meanwhile: () => void): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) {
    typist.type(`echo ${turn} >>/tmp/typed\r`)
    if (turn === 5) meanwhile()
    await sleep(100)
  }
  typist.type('set -- $(cat /tmp/typed); rm /tmp/typed; echo "guest has $*."\r')
  const numbers = Array.from({ length: 20 }, (_, turn) => turn)
  await typist.sees(`guest has ${numbers.join(' ')}.`)
}

test('vireo serve takes a line over from vireo console, with all that is typed, and the other way round', async () => {
  const server = await startServer({ connections: [URI] })
  await using machine = await testDomain({ prefix: 't-shared' })
  await machine.ready()
  const client = await webClient(server.env.XDG_RUNTIME_DIR ?? '')
  const open = async () => byWebSocket(await client.open('domain', 'serial', { id: `${machine.uuid}@${URI}` }))

  using first = await byConsole(machine.name, server.env)
  const page = await open()
  await typesThrough(page, () => first.type(LEAVE))
  expect(await first.ended).toBe(0)

  using second = await byConsole(machine.name, server.env)
  let stopped = Promise.resolve()
  await typesThrough(second, () => {
    stopped = server.stop()
  })
  await stopped
  second.type(LEAVE)
  expect(await second.ended).toBe(0)
}, 180_000)

test('a line is free for vireo serve as soon as vireo console has left, and the other way round', async () => {
  const server = await startServer({ connections: [URI] })
  await using machine = await testDomain({ prefix: 't-shared' })
  await machine.ready()
  const client = await webClient(server.env.XDG_RUNTIME_DIR ?? '')
  for (let turn = 0; turn < 3; turn++) {
    using console = await byConsole(machine.name, server.env)
    console.type(`echo console-${turn}-$((40+2))\r`)
    await console.sees(`console-${turn}-42`)
    console.type(LEAVE)
    const line = await client.open('domain', 'serial', { id: `${machine.uuid}@${URI}` })
    const page = byWebSocket(line)
    page.type(`echo page-${turn}-$((40+2))\r`)
    await page.sees(`page-${turn}-42`)
    line.close()
    expect(await console.ended).toBe(0)
  }
  await server.stop()
}, 180_000)
