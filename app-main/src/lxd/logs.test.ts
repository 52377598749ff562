import { afterEach, beforeEach, expect, it } from 'vitest'
import { LxdClient } from './client.ts'
import { logFiles, readLog } from './logs.ts'
import { fakeLxd, refuse, sync, type FakeLxd } from './testing/fake-lxd.ts'

let fake: FakeLxd
let client: LxdClient
const { signal } = new AbortController()
beforeEach(async () => {
  fake = await fakeLxd()
  client = new LxdClient({ product: 'lxd', socket: fake.socket, project: 'default' })
})
afterEach(async () => {
  client.dispose()
  await fake[Symbol.asyncDispose]()
})
const LOGS = 'GET /1.0/instances/box/logs'

it('names the log files of an instance, the most telling first, and none that leads elsewhere', async () => {
  const names = ['forkstart.log', 'lxc.conf', 'lxc.log', '..', '.hidden', 'a b', '-x', '']
  fake.answers.set(LOGS, sync(names.map(name => `/1.0/instances/box/logs/${name}`)))
  expect(await logFiles(client, 'box', signal)).toEqual(['lxc.log', 'forkstart.log', 'lxc.conf'])
  fake.answers.set(LOGS, sync(null))
  expect(await logFiles(client, 'box', signal)).toEqual([])
})

it('gives the end of a log file, whole lines of it, however long it is', async () => {
  const file = `${LOGS}/lxc.log`
  fake.answers.set(file, response => response.end('first\nlast\n'))
  expect(await readLog(client, 'box', 'lxc.log', signal)).toEqual({ text: 'first\nlast\n', cut: false })
  fake.answers.set(file, response => {
    for (let line = 0; line < 100_000; line++) response.write(`line ${line}\n`)
    response.end('last\n')
  })
  const { text, cut } = await readLog(client, 'box', 'lxc.log', signal)
  expect(cut).toBe(true)
  expect(text).toMatch(/^line \d+\n/)
  expect(text.endsWith('line 99999\nlast\n')).toBe(true)
  expect(text.length).toBeLessThanOrEqual(256 * 1024)
  expect(text.length).toBeGreaterThan(250 * 1024)
  fake.answers.set(file, refuse(404, 'Not Found'))
  await expect(readLog(client, 'box', 'lxc.log', signal)).rejects.toMatchObject({ detail: { kind: 'not-found' } })
})

it('can be given up', async () => {
  fake.answers.set(`${LOGS}/lxc.log`, response => void response.write('beginning'))
  const stop = new AbortController()
  const reading = readLog(client, 'box', 'lxc.log', stop.signal)
  await expect.poll(() => fake.asked.length).toBe(1)
  stop.abort(new Error('enough'))
  await expect(reading).rejects.toMatchObject({ detail: { kind: 'cancelled' } })
})
