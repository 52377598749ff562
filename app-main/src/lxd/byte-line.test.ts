import { once } from 'node:events'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { WebSocket } from 'ws'
import { ByteLine } from './byte-line.ts'
import { LxdClient } from './client.ts'
import { openExec } from './exec.ts'
import { fakeLxd, json, type FakeLxd } from './testing/fake-lxd.ts'

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

/** Both sockets of a console, from both ends. */
const openBoth = async () => {
  const own = await client.socket('/line', 1024 * 1024)
  const beside = await client.socket('/control', 1024 * 1024)
  const [line, control] = [...fake.ears] as [WebSocket, WebSocket]
  return { bytes: new ByteLine(own, { beside: [beside] }), line, control }
}
const all = async (line: ByteLine): Promise<string> => {
  const chunks: Buffer[] = []
  for await (const chunk of line) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

it('gives the last bytes of a console whatever the daemon closes first', async () => {
  const first = await openBoth()
  first.control.close()
  await once(first.control, 'close')
  first.line.send(Buffer.from('power '))
  first.line.send(Buffer.from('down'))
  first.line.close()
  expect(await all(first.bytes)).toBe('power down')
  const second = await openBoth()
  second.line.send(Buffer.from('power down'))
  second.line.terminate()
  expect(await all(second.bytes)).toBe('power down')
  const third = await openBoth()
  third.line.send(Buffer.from('power down'))
  // The mark of its end, and nothing of what follows.
  third.line.send('')
  third.line.send(Buffer.from('more'))
  expect(await all(third.bytes)).toBe('power down')
  await expect.poll(() => fake.ears.size).toBe(0)
})

it('ends a line that the daemon leaves open alone, and keeps what a slow reader has not taken', async () => {
  const { bytes, line, control } = await openBoth()
  const flood = Buffer.alloc(64 * 1024, 'x')
  for (let part = 0; part < 32; part++) line.send(flood)
  line.send(Buffer.from('end'))
  control.close()
  await once(control, 'close')
  await once(bytes, 'readable')
  const got = await all(bytes)
  expect(got).toHaveLength(32 * flood.length + 3)
  expect(got.endsWith('end')).toBe(true)
  await expect.poll(() => fake.ears.size).toBe(0)
})

it('gives the last bytes of a command whose daemon lets go of everything before it tells how it ended', async () => {
  const ID = '11111111-2222-4333-8444-555555555555'
  const operation = (facts: object) => ({ id: ID, class: 'websocket', status_code: 103, may_cancel: false, ...facts })
  const fds = { '0': 's-in', '1': 's-out', '2': 's-err', control: 's-control' }
  let end: () => void = () => undefined
  fake.answers.set('POST /1.0/instances/box/exec', json({ type: 'async', metadata: operation({ metadata: { fds } }) }))
  fake.answers.set(`GET /1.0/operations/${ID}/wait`, response => {
    const metadata = operation({ status_code: 200, metadata: { return: 3 } })
    end = () => json({ type: 'sync', metadata })(response)
  })
  const running = await openExec(client, 'box', { command: ['sh'], environment: {} })
  const [, out, err, control] = [...fake.ears] as [WebSocket, WebSocket, WebSocket, WebSocket]
  const flood = Buffer.alloc(256 * 1024, 'o')
  for (let part = 0; part < 8; part++) out.send(flood)
  err.send(Buffer.from('last words'))
  for (const one of [control, out, err]) one.close()
  const [told, failed] = await Promise.all([all(running.stdout), all(running.stderr)])
  expect(told).toHaveLength(8 * flood.length)
  expect(failed).toBe('last words')
  await expect.poll(() => fake.asked.some(one => one.includes('/wait'))).toBe(true)
  end()
  expect(await running.ended).toBe(3)
  running.close()
})
