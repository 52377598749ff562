import { setTimeout as sleep } from 'node:timers/promises'
import type { Duplex } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { encodeExecFrame, execFrameReader, RemoteError, type DomainId, type ExecSpec } from '../../contract/index.ts'
import { execWays, openWay, type ExecWay } from './exec-methods.ts'
import { openExec } from './exec-stream.ts'
import { Logins } from './serial-exec/logins.ts'
import { FakeAgent, type FakeExec } from './testing/fake-agent.ts'
import { guestBench, type GuestBench } from './testing/guest-bench.ts'

const { signal } = new AbortController()
const spec: ExecSpec = { args: ['true'], env: {}, timeoutSeconds: 60, maxOutputBytes: 1024 }

/** Everything up to the stream's end. */
const frames = async (stream: Duplex): Promise<string[]> => {
  const found: string[] = []
  const read = execFrameReader((kind, bytes) => found.push(`${kind} ${Buffer.from(bytes).toString()}`))
  for await (const chunk of stream as AsyncIterable<Buffer>) read(chunk)
  return found
}

const noSsh: ExecWay = {
  open: () => Promise.reject(new RemoteError({ kind: 'unsupported', message: 'No address is known.' })),
}

describe('a command in a guest', () => {
  let bench: GuestBench
  let agent: FakeAgent
  beforeEach(async () => {
    bench = await guestBench()
    agent = new FakeAgent()
    bench.serve(0, agent)
  })
  afterEach(() => bench.dispose())
  const start = (onExec: FakeExec, method: 'auto' | 'agent' | 'ssh' = 'auto') => {
    agent.onExec = onExec
    return openExec({ ways: execWays(bench.sessions, new Logins(), noSsh) }, bench.id(0), { spec, method }, signal)
  }

  it('gives its output apart, and how it ended on which way', async () => {
    const stream = await start(async ({ onOutput }) => {
      await onOutput('stdout', Buffer.from('out'))
      await onOutput('stderr', Buffer.from('err'))
      return { exitCode: 3 }
    })
    const [out, err, end] = await frames(stream)
    expect([out, err]).toEqual(['stdout out', 'stderr err'])
    expect(JSON.parse(end?.slice(4) ?? '')).toMatchObject({ exitCode: 3, method: 'agent', timedOut: false })
  })

  it('gets its input to the end', async () => {
    const stream = await start(async ({ stdin, onOutput }) => {
      for await (const bytes of stdin ?? []) await onOutput('stdout', bytes)
      return {}
    })
    const all = Buffer.concat([
      encodeExecFrame('stdin', Buffer.from('one ')),
      encodeExecFrame('stdin', Buffer.from('two')),
      encodeExecFrame('stdinEnd'),
    ])
    // However the bytes are cut.
    for (const byte of all) stream.write(Buffer.of(byte))
    const found = await frames(stream)
    const out = found.filter(frame => frame.startsWith('stdout ')).map(frame => frame.slice(7))
    expect(out.join('')).toBe('one two')
  })

  it('waits for a slow reader, and cuts what is too long for a frame', async () => {
    let given = 0
    const stream = await start(async ({ onOutput }) => {
      for (; given < 20; given++) await onOutput('stdout', Buffer.alloc(512 * 1024))
      return {}
    })
    await sleep(20)
    expect(given).toBeLessThan(3)
    let bytes = 0
    const read = execFrameReader((kind, content) => (bytes += kind === 'stdout' ? content.length : 0))
    for await (const chunk of stream as AsyncIterable<Buffer>) read(chunk)
    expect(bytes).toBe(20 * 512 * 1024)
  })

  it('holds back input that the command does not take, and drops it at the end', async () => {
    let finish: () => void = () => undefined
    const stream = await start(() => new Promise(resolve => (finish = () => resolve({}))))
    let taken = 0
    const pour = async () => {
      for (; taken < 100; taken++) {
        const more = stream.write(encodeExecFrame('stdin', Buffer.alloc(64 * 1024)))
        if (!more) await new Promise(resolve => stream.once('drain', resolve))
      }
    }
    const pouring = pour()
    await sleep(20)
    expect(taken).toBeLessThan(5)
    finish()
    await Promise.all([pouring, frames(stream)])
    expect(taken).toBe(100)
  })

  it('is killed when its stream is closed, before the close is told', async () => {
    let killed = false
    const stream = await start(
      (_input, asking) =>
        new Promise((_resolve, reject) => {
          asking.signal.addEventListener('abort', () => {
            setTimeout(() => {
              killed = true
              reject(asking.signal.reason as Error)
            }, 10)
          })
        }),
    )
    stream.destroy()
    await new Promise(resolve => stream.once('close', resolve))
    expect(killed).toBe(true)
  })

  it('ends with the failure of the agent', async () => {
    const error = new RemoteError({ kind: 'not-found', message: 'There is no such program.' })
    const stream = await start(() => Promise.reject(error))
    await expect(frames(stream)).rejects.toBe(error)
  })

  it.each([
    ['a frame that only comes from the guest', encodeExecFrame('stdout', Buffer.from('x'))],
    ['an unknown kind', Buffer.from([9, 0, 0, 0, 0])],
    ['a length beyond the limit', Buffer.from([0, 255, 255, 255, 255])],
  ])('refuses %s', async (_name, bytes) => {
    const stream = await start(
      ({ stdin }, asking) =>
        new Promise((_resolve, reject) => {
          void stdin
          asking.signal.addEventListener('abort', () => reject(asking.signal.reason as Error))
        }),
    )
    const failed = new Promise(resolve => stream.once('error', resolve))
    stream.write(bytes)
    expect(await failed).toMatchObject({ detail: { kind: 'refused' } })
  })

  it('ends with the machine', async () => {
    const stream = await start(
      (_input, asking) =>
        new Promise((_resolve, reject) => {
          asking.signal.addEventListener('abort', () => reject(asking.signal.reason as Error))
        }),
    )
    const ending = frames(stream)
    bench.host.enter(bench.machine(0), 'shutoff')
    await expect(ending).rejects.toMatchObject({ detail: { kind: 'connection', trouble: 'lost' } })
  })

  it('says what is missing on a way that there is not', async () => {
    await expect(start(async () => ({}), 'ssh')).rejects.toMatchObject({ detail: { kind: 'unsupported' } })
  })
})

describe('the ways in', () => {
  const ID = 'x@memory:///x' as DomainId
  const closed = (kind: 'unsupported' | 'precondition' | 'timeout', message: string): ExecWay => ({
    open: () => Promise.reject(new RemoteError({ kind, message })),
  })
  const opened = (): ExecWay => ({
    open: async () => ({ run: () => Promise.reject(new Error('not run')), release: () => undefined }),
  })
  const auto = (ways: { agent: ExecWay; ssh: ExecWay; serial: ExecWay }) =>
    openWay(ways, { method: 'auto', spec }, ID, { signal })

  it('are tried in order until one is open', async () => {
    const ways = { agent: closed('unsupported', 'no agent'), ssh: closed('timeout', 'no sshd'), serial: opened() }
    expect(await auto(ways)).toMatchObject({ method: 'serial' })
    expect(await auto({ ...ways, ssh: opened() })).toMatchObject({ method: 'ssh' })
    const asked = vi.fn<ExecWay['open']>(opened().open)
    const login = { user: 'ann', password: null }
    await openWay({ ...ways, serial: { open: asked } }, { method: 'auto', spec, login }, ID, { signal })
    await openWay({ ...ways, serial: { open: asked } }, { method: 'serial', spec }, ID, { signal })
    expect(asked.mock.calls.map(call => call[3])).toEqual([
      { automatic: true, login },
      { automatic: false, login: undefined },
    ])
  })

  it('fail with the words of the best one', async () => {
    const ways = {
      agent: closed('unsupported', 'no agent'),
      ssh: closed('timeout', 'no'),
      serial: closed('timeout', ''),
    }
    await expect(auto(ways)).rejects.toMatchObject({ message: 'no agent' })
  })

  it('are not tried when the machine is off', async () => {
    const serial = { open: vi.fn(opened().open) }
    const ways = { agent: closed('precondition', 'off'), ssh: opened(), serial }
    await expect(auto(ways)).rejects.toMatchObject({ message: 'off' })
    expect(serial.open).not.toHaveBeenCalled()
  })
})
