import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import type { ConnectionUri } from '../../contract/index.ts'
import { unattended } from '../waiting.ts'
import type { MemoryConnection } from './connection.ts'
import { MemoryDriver } from './driver.ts'

const open: MemoryConnection[] = []

afterEach(() => {
  for (const connection of open.splice(0)) connection.dispose()
})

const QEMU_GA = 'org.qemu.guest_agent.0'
const CHANNEL = 'org.vireo.agent.0'

/** A running machine with both channels. */
const running = async (query = '') => {
  const driver = new MemoryDriver()
  const uri = `memory:///guests${query}` as ConnectionUri
  const machine = driver.host(uri).add('m')
  const connection = driver.create(uri)
  open.push(connection)
  connection.open()
  await connection.settled()
  const { key } = machine
  if (query === '') {
    for (const name of [QEMU_GA, CHANNEL]) await connection.guest.attachChannel(key, name)
    await connection.lifecycle.start(key, { paused: false }, unattended())
  }
  return { connection, machine, key, guest: connection.guest }
}

describe('the guest of a machine in memory', () => {
  it('answers on its channel to all who open it, is told of, and falls silent with the machine', async () => {
    const { connection, machine, key, guest } = await running()
    const told: string[] = []
    guest.onGuestAgent(one => told.push(one))
    machine.software.serve(CHANNEL, line => line.on('data', (bytes: Buffer) => line.write(`heard ${bytes.toString()}`)))
    expect(told).toEqual([key])
    expect(await guest.channels(key)).toContainEqual({ name: CHANNEL, connected: true })
    expect((await connection.inspect.detail(key)).features['guest-agent']).toBeUndefined()
    const [one, two] = [await guest.open(key, CHANNEL), await guest.open(key, CHANNEL)]
    const both = [text(one), text(two)]
    one.write('hello')
    await once(two, 'readable')
    await connection.lifecycle.destroy(key, unattended())
    expect(await Promise.all(both)).toEqual(['heard hello', 'heard hello'])
    expect(await guest.channels(key)).toContainEqual({ name: CHANNEL, connected: false })
  })

  it('answers qemu-ga’s commands, refuses in its own words, and may hang', async () => {
    const { machine, key, guest } = await running()
    const ended = machine.software.answer(command => ({ heard: command }))
    expect(JSON.parse(await guest.agentCommand(key, '{"execute":"guest-ping"}', 5))).toEqual({
      return: { heard: { execute: 'guest-ping' } },
    })
    machine.software.answer(() => {
      throw new Error('No such file or directory')
    })
    const refused = { detail: { kind: 'refused', message: 'No such file or directory' } }
    await expect(guest.agentCommand(key, '{}', 5)).rejects.toMatchObject(refused)
    const hanging = machine.software.answer(() => new Promise(() => undefined))
    await expect(guest.agentCommand(key, '{}', 0.01)).rejects.toMatchObject({ detail: { kind: 'timeout' } })
    ended.dispose()
    hanging.dispose()
    await expect(guest.agentCommand(key, '{}', 5)).rejects.toMatchObject({ detail: { kind: 'precondition' } })
  })

  it('may be looked at through a connection that only reads, and nothing more', async () => {
    const { key, guest } = await running('?readonly=1')
    expect(await guest.channels(key)).toEqual([])
    const locked = { detail: { kind: 'permission', hint: expect.stringContaining('Unlock') as string } }
    await expect(guest.open(key, CHANNEL)).rejects.toMatchObject(locked)
    await expect(guest.agentCommand(key, '{}', 1)).rejects.toMatchObject(locked)
    await expect(guest.attachChannel(key, CHANNEL)).rejects.toMatchObject(locked)
    await expect(guest.detachChannel(key, CHANNEL)).rejects.toMatchObject(locked)
  })
})
