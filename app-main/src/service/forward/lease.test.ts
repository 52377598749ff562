import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { askHolder, Lease } from './lease.ts'

interface Member {
  readonly lease: Lease
  readonly heard: (string | null)[]
}

describe('the lease of a forward', () => {
  let folder = ''
  let path = ''
  const members: Member[] = []
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lease-'))
    path = join(folder, 'one.sock')
  })
  afterEach(async () => {
    for (const { lease } of members.splice(0)) await lease.dispose()
    await rm(folder, { recursive: true })
  })
  const member = (name: string): Member => {
    const heard: (string | null)[] = []
    const onNews = (line: string | null) => void heard.push(line)
    const one = { lease: new Lease({ path, news: () => name, onHeld: () => undefined, onNews }), heard }
    members.push(one)
    one.lease.start()
    return one
  }
  const holders = () => members.filter(({ lease }) => lease.held)

  it('has one holder of many who want it at once, and the next when that one ends', async () => {
    const all = Array.from({ length: 8 }, (_, at) => member(`m${at}`))
    for (let left = all.length; left > 1; left--) {
      await vi.waitFor(() => {
        const [holder, ...more] = holders()
        expect(more).toEqual([])
        const name = `m${all.indexOf(holder!)}`
        for (const one of members) if (one !== holder) expect(one.heard.at(-1)).toBe(name)
      })
      const [holder] = holders()
      members.splice(members.indexOf(holder!), 1)
      await holder?.lease.dispose()
    }
  })

  it('tells those who follow, and whoever asks', async () => {
    expect(await askHolder(path)).toBe(null)
    const first = member('first')
    await vi.waitFor(() => expect(first.lease.held).toBe(true))
    const second = member('second')
    await vi.waitFor(() => expect(second.heard).toEqual(['first']))
    first.lease.tell()
    await vi.waitFor(() => expect(second.heard).toEqual(['first', 'first']))
    expect(await askHolder(path)).toBe('first')
  })

  it('is taken over from a process that was killed', async () => {
    const program = `require('net').createServer().listen(${JSON.stringify(path)}, () => console.log('ready'))`
    const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(child.stdout, 'data')
    const heir = member('heir')
    child.kill('SIGKILL')
    await once(child, 'close')
    expect((await stat(path)).isSocket()).toBe(true)
    await vi.waitFor(() => expect(heir.lease.held).toBe(true))
  })

  it('is not impressed by a holder that talks without an end', async () => {
    const sockets: Socket[] = []
    const stranger = createServer(socket => {
      sockets.push(socket.on('error', () => undefined))
      const pour = () => {
        while (!socket.destroyed && socket.write('x'.repeat(65_536)));
        socket.once('drain', pour)
      }
      pour()
    })
    stranger.listen(path)
    await once(stranger, 'listening')
    expect(await askHolder(path)).toBe(null)
    const one = member('one')
    await vi.waitFor(() => expect(sockets.length).toBeGreaterThan(2))
    expect(one.heard.filter(line => line !== null)).toEqual([])
    stranger.close()
    for (const socket of sockets) socket.destroy()
    await vi.waitFor(() => expect(one.lease.held).toBe(true))
  })
})
