import { afterEach, beforeEach, expect, it } from 'vitest'
import { LxdClient } from './client.ts'
import { openExec } from './exec.ts'
import { fillFile, openFile } from './files.ts'
import { fakeLxd, json, refuse, type FakeLxd } from './testing/fake-lxd.ts'

let fake: FakeLxd
let client: LxdClient
beforeEach(async () => {
  fake = await fakeLxd()
  client = new LxdClient({ product: 'lxd', socket: fake.socket, project: 'default' })
})
afterEach(async () => {
  client.dispose()
  await fake[Symbol.asyncDispose]()
})

const ID = '11111111-2222-4333-8444-555555555555'
const EXEC = 'POST /1.0/instances/box/exec'
const WAIT = `GET /1.0/operations/${ID}/wait`
const { signal } = new AbortController()
const request = { command: ['true'], environment: {} }

const operation = (facts: object) => ({
  id: ID,
  class: 'websocket',
  status_code: 103,
  may_cancel: false,
  err: '',
  ...facts,
})
const begins = (metadata: unknown) => json({ type: 'async', metadata: operation({ metadata }) })
const fds = { '0': 's-in', '1': 's-out', '2': 's-err', control: 's-control' }
const ends = (facts: object) => json({ type: 'sync', metadata: operation({ status_code: 200, ...facts }) })

it('refuses a command to which the daemon gives no way', async () => {
  for (const metadata of [null, {}, { fds: { ...fds, control: undefined } }, { fds: { '0': 7 } }, { fds: 'x' }]) {
    fake.answers.set(EXEC, begins(metadata))
    await expect(openExec(client, 'box', request)).rejects.toThrow('gave no way')
  }
  fake.answers.set(EXEC, refuse(400, 'Instance is not running\n\u001b[2J'))
  await expect(openExec(client, 'box', request)).rejects.toMatchObject({
    detail: { kind: 'invalid-input', message: 'Instance is not running [2J' },
  })
  expect(fake.ears.size).toBe(0)
})

it('takes no exit code that is none', async () => {
  fake.answers.set(EXEC, begins({ fds }))
  for (const metadata of [null, {}, { return: '0' }, { return: -1 }, { return: 1e9 }, { return: 0.5 }]) {
    fake.answers.set(WAIT, ends({ metadata }))
    const running = await openExec(client, 'box', request)
    await expect(running.ended).rejects.toThrow('did not tell how the command ended')
    running.close()
  }
  fake.answers.set(WAIT, ends({ metadata: { return: 7 } }))
  const running = await openExec(client, 'box', request)
  expect(await running.ended).toBe(7)
  running.close()
  await expect.poll(() => fake.ears.size).toBe(0)
})

it('lets go of every line when one cannot be opened', async () => {
  fake.answers.set(EXEC, begins({ fds }))
  fake.refuseSocket = ask => ask.includes('s-err')
  await expect(openExec(client, 'box', request)).rejects.toMatchObject({ detail: { kind: 'connection' } })
  await expect.poll(() => fake.ears.size).toBe(0)
})

it('gives files as they come, and no folder as one', async () => {
  const FILE = 'GET /1.0/instances/box/files'
  fake.answers.set(FILE, response => {
    response.writeHead(200, { 'x-lxd-type': 'file' })
    response.end('content')
  })
  const chunks: Buffer[] = []
  for await (const chunk of await openFile(client, 'box', '/a b?c', signal)) chunks.push(chunk as Buffer)
  expect(Buffer.concat(chunks).toString()).toBe('content')
  expect(fake.asked.at(-1)).toBe('GET /1.0/instances/box/files?path=%2Fa+b%3Fc')
  fake.answers.set(FILE, response => {
    response.writeHead(200, { 'x-lxd-type': 'directory' })
    response.end('{}')
  })
  await expect(openFile(client, 'box', '/etc', signal)).rejects.toMatchObject({ detail: { kind: 'precondition' } })
  fake.answers.set(FILE, refuse(404, 'Not Found'))
  await expect(openFile(client, 'box', '/none', signal)).rejects.toMatchObject({ detail: { kind: 'not-found' } })
})

it('sends files as they come, and says why one was refused in the middle', async () => {
  const FILE = 'POST /1.0/instances/box/files'
  let got = ''
  fake.answers.set(FILE, (response, sent) => {
    sent.on('data', (bytes: Buffer) => (got += bytes.toString()))
    sent.on('end', () => json({ type: 'sync', metadata: null })(response))
  })
  const content = async function* () {
    yield Buffer.from('one ')
    yield Buffer.from('two')
  }
  await fillFile(client, 'box', { path: '/x', content: content() }, signal)
  expect(got).toBe('one two')
  fake.answers.set(FILE, refuse(403, 'Permission denied'))
  await expect(fillFile(client, 'box', { path: '/x', content: content() }, signal)).rejects.toThrow('Permission denied')
  fake.answers.set(FILE, () => undefined)
  const stop = new AbortController()
  const waiting = fillFile(client, 'box', { path: '/x', content: content() }, stop.signal)
  stop.abort(new Error('enough'))
  await expect(waiting).rejects.toThrow('enough')
})
