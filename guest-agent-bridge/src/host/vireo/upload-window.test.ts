import { expect, test } from 'vitest'
import { settled, type Heard } from '../testing/scripted-agent.ts'
import { scriptedVireo } from '../testing/scripted-vireo.ts'

const asking = { signal: new AbortController().signal }
const PIECE = 1000

async function* contentOf(bytes: Buffer) {
  yield await Promise.resolve(bytes)
}

const offsetOf = ({ params }: Heard): number => Number(Reflect.get(Object(params), 'offset'))
const bytesOf = ({ params }: Heard): Buffer => Buffer.from(String(Reflect.get(Object(params), 'data')), 'base64')

/** An agent that does with each piece what the test says; the rest of an upload is done. */
const withPieces = (piece: (request: Heard) => unknown) =>
  scriptedVireo(request => {
    if (request.method === 'file.write.begin') return { upload: 'a'.repeat(32), offset: 0, max_chunk_bytes: PIECE }
    return request.method === 'file.write.chunk' ? piece(request) : { path: '/x', bytes_written: 10 * PIECE }
  })

const whole = Buffer.from(Array.from({ length: 10 * PIECE }, (_, at) => at % 251))
const file = () => ({ path: '/x', content: contentOf(whole) })

test('a few pieces are on their way at once, never more, and the next goes when the first has come', async () => {
  const waiting: Heard[] = []
  const { agent, guest } = await withPieces(request => void waiting.push(request))
  const writing = agent.writeFile(file(), asking)
  await settled()
  expect(waiting.map(offsetOf)).toEqual([0, 1000, 2000, 3000])
  for (let first = waiting.shift(); first; first = waiting.shift()) {
    guest.result(first.id, { offset: offsetOf(first) + PIECE })
    await settled()
    expect(waiting.length).toBeLessThanOrEqual(4)
  }
  expect(await writing).toBe(10 * PIECE)
})

test('when a busy agent turns one away those behind it are sent again, in order', async () => {
  let taken = Buffer.alloc(0)
  let turnedAway = 0
  const { agent, guest } = await withPieces(request => {
    if (offsetOf(request) === 2000 && turnedAway++ < 2) {
      guest.error(request.id, -32004, 'Busy: rate limit reached')
      return undefined
    }
    if (offsetOf(request) > taken.length) {
      guest.error(request.id, -32005, 'The next byte is another', { offset: taken.length })
      return undefined
    }
    taken = Buffer.concat([taken.subarray(0, offsetOf(request)), bytesOf(request)])
    return { offset: taken.length }
  })
  expect(await agent.writeFile(file(), asking)).toBe(10 * PIECE)
  expect(taken.equals(whole)).toBe(true)
  expect(turnedAway).toBe(3)
})

test.each([
  ['less than it was sent', 1],
  ['more than was ever sent', 100_000],
])('an agent that says it has %s is not believed', async (_, offset) => {
  const { agent } = await withPieces(() => ({ offset }))
  await expect(agent.writeFile(file(), asking)).rejects.toMatchObject({ detail: { kind: 'refused' } })
})

test('the first piece that fails says why, however many fail behind it', async () => {
  const { agent, guest } = await withPieces(request => {
    if (offsetOf(request) === 0) guest.error(request.id, -32000, 'write failed', { reason: 'no-space' })
    else guest.error(request.id, -32005, 'The next byte is 0', { offset: 0 })
    return undefined
  })
  await expect(agent.writeFile(file(), asking)).rejects.toThrow('disk is full')
})
