import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { reusingSocket } from './reusing-socket.ts'

const DATA = Buffer.alloc(3_000_000)
for (let at = 0; at < DATA.length; at += 4) DATA.writeUInt32BE(at, at)

let folder: string
let server: net.Server
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vireo-reusing-'))
  server = net.createServer(socket => socket.end(DATA)).listen(join(folder, 'sock'))
  await once(server, 'listening')
})
afterEach(async () => {
  server.close()
  await rm(folder, { recursive: true, maxRetries: 5 })
})

const connected = async () => {
  const way = reusingSocket()
  way.socket.connect({ path: join(folder, 'sock') })
  await once(way.socket, 'connect')
  return way
}

test('all comes, in order and in the same memory, and then the end', async () => {
  const { socket, read } = await connected()
  const copies: Buffer[] = []
  const memories = new Set<ArrayBufferLike>()
  read(bytes => {
    copies.push(Buffer.from(bytes))
    memories.add(bytes.buffer)
  })
  await once(socket, 'end')
  expect(Buffer.concat(copies).equals(DATA)).toBe(true)
  expect(memories.size).toBe(1)
})

test('nothing is lost that comes before anybody listens', async () => {
  const { socket, read } = await connected()
  await sleep(20)
  let length = 0
  read(bytes => (length += bytes.length))
  await once(socket, 'end')
  expect(length).toBe(DATA.length)
})

test('who pauses in the middle hears nothing more until he goes on, and then the rest', async () => {
  const { socket, read } = await connected()
  let length = 0
  const heard = vi.fn((bytes: Buffer) => {
    length += bytes.length
    socket.pause()
  })
  read(heard)
  await vi.waitFor(() => expect(heard).toHaveBeenCalled())
  await sleep(20)
  expect(heard).toHaveBeenCalledTimes(1)
  const again = setInterval(() => socket.resume(), 1)
  await once(socket, 'end').finally(() => clearInterval(again))
  expect(length).toBe(DATA.length)
})
