import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { domainId, type ConnectionUri, type DomainSummary } from '../../contract/index.ts'
import { connectListAllNetworks } from '../../libvirt/generated/remote-procedures.ts'
import { Connection } from '../../libvirt/index.ts'
import { FakeLibvirtd } from '../../libvirt/testing/fake-libvirtd.ts'
import { AddressBook } from './addresses.ts'
import { Inventory } from './inventory.ts'

const URI = 'qemu:///system' as ConnectionUri

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

const machine = (key: string): DomainSummary => ({
  id: domainId(key, URI),
  ...{ uuid: key, name: key, connection: URI, kind: 'kvm', state: 'running', reason: null, vcpus: 1, memoryBytes: 1 },
  ...{ addresses: [], guestOs: null, title: null, autostart: false, persistent: true, stale: false },
})

/** A book of one running machine, whose daemon has no networks; `looks` counts how often it was asked for them. */
const opened = async () => {
  const looks = vi.fn()
  const daemon = new FakeLibvirtd().on(connectListAllNetworks, request => {
    looks()
    request.reply(writer => [0, 0].forEach(word => writer.uint(word)))
  })
  const connection = await Connection.open(URI, { dial: daemon.dial, keepalive: null })
  const inventory = new Inventory(URI, 'kvm')
  const book = new AddressBook(inventory, true)
  inventory.table.set('a', machine('a'))
  book.follow(connection)
  /** Lets time pass, and the answers come that it asked for. */
  const pass = async (minutes: number) => {
    for (let second = 0; second < minutes * 60; second++) {
      await vi.advanceTimersByTimeAsync(1000)
      await new Promise(resolve => setImmediate(resolve))
    }
  }
  return { looks, inventory, book, connection, pass }
}

test('a machine without an address is looked for a few times, then nobody is asked until somebody wants to know', async () => {
  const { looks, book, connection, pass } = await opened()
  await pass(5)
  expect(looks.mock.calls.length).toBeGreaterThan(4)
  looks.mockClear()
  await pass(10)
  expect(looks).not.toHaveBeenCalled()
  book.wanted()
  await pass(1 / 60)
  expect(looks).toHaveBeenCalledOnce()
  book.stop()
  await connection.close()
})

test('while somebody looks, addresses are read about once a minute', async () => {
  const { looks, book, connection, pass } = await opened()
  await pass(5)
  looks.mockClear()
  for (let minute = 0; minute < 10; minute++) {
    book.wanted()
    await pass(1)
  }
  expect(looks.mock.calls.length).toBeGreaterThan(7)
  expect(looks.mock.calls.length).toBeLessThan(13)
  book.stop()
  await connection.close()
})

test('a machine that starts is looked for although nobody looks', async () => {
  const { looks, inventory, book, connection, pass } = await opened()
  await pass(10)
  looks.mockClear()
  inventory.table.set('b', machine('b'))
  await pass(0.5)
  expect(looks.mock.calls.length).toBeGreaterThan(3)
  book.stop()
  await connection.close()
})
