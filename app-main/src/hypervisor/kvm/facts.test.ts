import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { TimeoutError } from '../../libvirt/index.ts'
import { FactsReader, type DocumentSource, type Facts } from './facts.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const machine = { name: 'web', uuid: 'd83b7e1e-80a1-a5e1-fe5e-2a8775d2d122', id: -1 }
const XML = `<domain type='qemu'><name>web</name><title>Shop</title><memory unit='KiB'>1024</memory><vcpu>2</vcpu></domain>`

/** Gives these answers one after the other, then none. */
const source = (...answers: (string | Error)[]) => {
  const read = vi.fn(async () => {
    const answer = answers.shift()
    if (typeof answer === 'string') return answer
    throw answer ?? new Error('read once too often')
  })
  const daemon: DocumentSource = { domain: { getXmlDesc: read } }
  return { daemon, read }
}

test('a document that a busy daemon did not give in time is asked for again', async () => {
  const told: Facts[] = []
  const reader = new FactsReader((_, facts) => told.push(facts))
  const late = () => new TimeoutError('domain_get_xml_desc', 30_000)
  const { daemon, read } = source(late(), late(), XML)
  reader.restart(daemon, [machine])
  await reader.idle()
  expect(told).toEqual([])
  await vi.advanceTimersByTimeAsync(60_000)
  expect(told).toMatchObject([{ title: 'Shop', vcpus: 2, memoryBytes: 1024 * 1024 }])
  expect(read).toHaveBeenCalledTimes(3)
})

test.each(['no document at all', '<domain'])('one that cannot be read is left alone: %s', async answer => {
  const reader = new FactsReader(() => expect.unreachable())
  const { daemon, read } = source(answer.startsWith('<') ? answer : new Error(answer))
  reader.restart(daemon, [machine])
  await vi.advanceTimersByTimeAsync(60_000)
  expect(read).toHaveBeenCalledTimes(1)
})

test('nothing is asked of a daemon that is gone', async () => {
  const reader = new FactsReader(() => expect.unreachable())
  const { daemon, read } = source(new TimeoutError('domain_get_xml_desc', 30_000))
  reader.restart(daemon, [machine])
  await reader.idle()
  reader.stop()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(read).toHaveBeenCalledTimes(1)
})
