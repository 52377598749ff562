import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { watchSocket } from '../base/socket-watch.ts'
import { AbortedError } from './errors.ts'
import { dial } from './transport.ts'
import { parseUri } from './uri.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vireo-transport-'))
})
afterEach(() => rm(folder, { recursive: true, maxRetries: 5 }))

const open = (path: string, signal = new AbortController().signal) =>
  dial(parseUri(`qemu:///system?socket=${path}`), { readOnly: false, signal })

test('a socket that nobody made is a typed error', async () => {
  await expect(open(join(folder, 'sock'))).rejects.toMatchObject({
    name: 'ConnectionError',
    // Which of the two depends on the computer that runs this.
    trouble: expect.stringMatching(/^not-(running|installed)$/),
  })
})

test('a file that is no socket is a typed error', async () => {
  const path = join(folder, 'sock')
  await writeFile(path, '')
  await expect(open(path)).rejects.toMatchObject({ name: 'ConnectionError' })
})

test('whoever gave up before is not connected', async () => {
  await expect(open(join(folder, 'sock'), AbortSignal.abort())).rejects.toBeInstanceOf(AbortedError)
})

test('a daemon that listens is reached', async () => {
  const path = join(folder, 'sock')
  const server = net.createServer(socket => socket.end('hello'))
  await new Promise<void>(resolve => server.listen(path, resolve))
  const { stream, description, read } = await open(path)
  expect(description).toBe(path)
  const heard: string[] = []
  read?.(bytes => heard.push(String(bytes)))
  await once(stream, 'end')
  expect(heard).toEqual(['hello'])
  server.close()
})

test.each(['qemu+ssh://host/system', 'qemu+tls://host/system', 'qemu+tcp://host/system'])(
  '%s has its place, and says that it is not there yet',
  async uri => {
    const dialing = dial(parseUri(uri), { readOnly: false, signal: new AbortController().signal })
    await expect(dialing).rejects.toMatchObject({ trouble: 'unsupported-driver' })
  },
)

test('a socket that appears is told', async () => {
  const path = join(folder, 'sock')
  const appeared = vi.fn()
  const watching = watchSocket(path, appeared)
  await writeFile(path, '')
  await vi.waitFor(() => expect(appeared).toHaveBeenCalled())
  watching.dispose()
})

test('a folder that does not exist yet is no obstacle to watching', async () => {
  const watching = watchSocket(join(folder, 'not', 'there', 'sock'), () => undefined)
  watching.dispose()
})
