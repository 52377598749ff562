import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { WebSocket } from 'ws'
import { LxdClient } from './client.ts'
import { fakeLxd, json, silence, type FakeAnswer, type FakeLxd } from './testing/fake-lxd.ts'
import { openTerminal } from './terminal.ts'

const ID = '11111111-2222-4333-8444-555555555555'
const EXEC = 'POST /1.0/instances/box/exec'
const WAIT = `GET /1.0/operations/${ID}/wait`
const fds = { '0': 's-line', control: 's-control' }
const operation = (facts: object) => ({ id: ID, class: 'websocket', status_code: 103, may_cancel: false, ...facts })
const ends = (code: unknown): FakeAnswer =>
  json({ type: 'sync', metadata: operation({ status_code: 200, metadata: { return: code } }) })

let fake: FakeLxd
let client: LxdClient
let asked: unknown
let shown = ''
beforeEach(async () => {
  fake = await fakeLxd()
  client = new LxdClient({ product: 'lxd', socket: fake.socket, project: 'default' })
  shown = ''
  fake.answers.set(EXEC, (response, request) => {
    let body = ''
    request.on('data', (bytes: Buffer) => (body += bytes.toString()))
    request.on('end', () => {
      asked = JSON.parse(body)
      json({ type: 'async', metadata: operation({ metadata: { fds } }) })(response)
    })
  })
})
afterEach(async () => {
  client.dispose()
  await fake[Symbol.asyncDispose]()
})

/** With the daemon's ends of its line and of what is said about it. */
const open = async () => {
  const request = { command: ['sh'], environment: {}, columns: 91, rows: 33 }
  const terminal = await openTerminal(client, 'box', request, bytes => (shown += bytes.toString()))
  const [line, control] = [...fake.ears] as [WebSocket, WebSocket]
  const told: unknown[] = []
  control.on('message', (data: Buffer) => told.push(JSON.parse(data.toString())))
  return { terminal, line, control, told }
}

it('shows and takes bytes, has its size, and tells the exit code when everything was shown', async () => {
  let end: () => void = () => undefined
  fake.answers.set(WAIT, (response, request) => (end = () => ends(7)(response, request)))
  const { terminal, line, control, told } = await open()
  expect(asked).toMatchObject({ interactive: true, width: 91, height: 33, 'wait-for-websocket': true })
  let typed = ''
  line.on('message', (data: Buffer) => (typed += data.toString()))
  await terminal.write(Buffer.from('exit 7\r'))
  terminal.resize({ columns: 100, rows: 40 })
  await vi.waitFor(() => expect(typed).toBe('exit 7\r'))
  await vi.waitFor(() => expect(told).toEqual([{ command: 'window-resize', args: { width: '100', height: '40' } }]))
  terminal.pause()
  await vi.waitFor(() => expect(fake.asked.some(one => one.startsWith(WAIT))).toBe(true))
  end()
  // What is said about the program ends with it; its last words may come later.
  control.close()
  await new Promise(resolve => control.once('close', resolve))
  line.send(Buffer.from('good bye'))
  line.send('')
  // Whoever reads slowly misses nothing.
  setTimeout(() => terminal.resume(), 50)
  expect(await terminal.ended).toEqual({ exitCode: 7 })
  expect(shown).toBe('good bye')
  await terminal.write(Buffer.from('x'))
  terminal.hangUp()
  await expect.poll(() => fake.ears.size).toBe(0)
})

it('is lost when the line breaks and the daemon tells nothing more, or nonsense', async () => {
  fake.answers.set(WAIT, silence)
  const first = await open()
  first.line.terminate()
  expect(await first.terminal.ended).toEqual({ exitCode: null })
  await expect.poll(() => fake.ears.size).toBe(0)
  fake.answers.set(WAIT, ends('none'))
  const second = await open()
  second.line.send('')
  expect(await second.terminal.ended).toEqual({ exitCode: null })
  await expect.poll(() => fake.ears.size).toBe(0)
})

it('hangs up, and kills what does not obey', async () => {
  fake.answers.set(WAIT, silence)
  const { terminal, told } = await open()
  terminal.hangUp()
  expect(await terminal.ended).toEqual({ exitCode: null })
  expect(told).toEqual([
    { command: 'signal', signal: 1 },
    { command: 'signal', signal: 9 },
  ])
  await expect.poll(() => fake.ears.size).toBe(0)
}, 20_000)

it('holds no line open when the daemon gives only one', async () => {
  fake.refuseSocket = ask => ask.includes('s-control')
  await expect(open()).rejects.toMatchObject({ detail: { kind: 'connection' } })
  await expect.poll(() => fake.ears.size).toBe(0)
})
