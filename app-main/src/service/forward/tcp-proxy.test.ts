import { once } from 'node:events'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { clientOf, echo, endOf, guestAt, lineOf } from './testing.ts'
import { ListenFailure, listenFailure, PROXY_LIMITS, TcpProxy, type Place, type ProxyLimits } from './tcp-proxy.ts'

const HERE = '127.0.0.1'
const NOBODY = '255.255.255.255'
const MIB = 1024 * 1024

describe('a port that is handed on', () => {
  const proxies: TcpProxy[] = []
  const unreachable = vi.fn()
  afterEach(async () => {
    for (const proxy of proxies.splice(0)) await proxy.close()
    unreachable.mockReset()
  })
  const proxyTo = async (place: () => Place, limits: Partial<ProxyLimits> = {}) => {
    const proxy = new TcpProxy({
      limits: { ...PROXY_LIMITS, ...limits },
      place: async () => place(),
      onUnreachable: unreachable,
      onCounts: () => undefined,
    })
    proxies.push(proxy)
    return { proxy, port: await proxy.listen({ host: HERE, port: 0 }) }
  }
  const to = (port: number) => () => ({ host: HERE, port })
  const quiet = (proxy: TcpProxy) => vi.waitFor(() => expect(proxy.counts.open).toBe(0), { timeout: 20_000 })

  it('passes the end of one direction on and leaves the other open', async () => {
    await using guest = await guestAt(HERE, socket => {
      let heard = ''
      socket.on('data', chunk => (heard += String(chunk)))
      socket.on('end', () => socket.end(`all of ${heard}`))
    })
    const { proxy, port } = await proxyTo(to(guest.port))
    const client = clientOf(port)
    client.end('a question')
    expect(await endOf(client)).toEqual({ text: 'all of a question', code: null })
    await quiet(proxy)
    expect(proxy.counts).toEqual({ open: 0, total: 1, failed: 0 })
  })

  it('leaves nothing out when the guest is the first to end', async () => {
    let heard = 0
    await using guest = await guestAt(HERE, socket => {
      socket.end('enough')
      socket.on('data', chunk => (heard += chunk.length))
    })
    const { proxy, port } = await proxyTo(to(guest.port))
    const client = clientOf(port)
    await once(client.resume(), 'end')
    client.end(Buffer.alloc(8 * MIB))
    await quiet(proxy)
    expect(heard).toBe(8 * MIB)
  })

  it('holds a flooding guest back while nobody reads, and loses nothing', async () => {
    const size = 96 * MIB
    let sent = 0
    await using guest = await guestAt(HERE, socket => {
      const pour = () => {
        while (sent < size) {
          sent += MIB
          if (!socket.write(Buffer.alloc(MIB))) return void socket.once('drain', pour)
        }
        socket.end()
      }
      pour()
    })
    const { port } = await proxyTo(to(guest.port))
    const client = clientOf(port).pause()
    let before = -1
    await vi.waitFor(
      () => {
        const stalled = sent > 0 && sent === before
        before = sent
        expect(stalled).toBe(true)
      },
      { timeout: 20_000, interval: 300 },
    )
    // The kernel's buffers of four sockets, and hardly anything of ours.
    expect(sent).toBeLessThan(size / 2)
    let got = 0
    client.on('data', (chunk: Buffer) => (got += chunk.length))
    client.on('end', () => client.end())
    client.resume()
    await once(client, 'close')
    expect(got).toBe(size)
  })

  it('resets whoever comes while the guest refuses, and does not ask where else it may be', async () => {
    const guest = await guestAt(HERE, echo())
    await guest[Symbol.asyncDispose]()
    const { proxy, port } = await proxyTo(to(guest.port))
    expect(await endOf(clientOf(port))).toMatchObject({ code: 'ECONNRESET' })
    await quiet(proxy)
    expect(proxy.counts).toEqual({ open: 0, total: 0, failed: 1 })
    expect(unreachable).not.toHaveBeenCalled()
  })

  it('asks again where the guest is when nobody answers there', async () => {
    await using guest = await guestAt(HERE, echo('here'))
    // Nobody's, whatever the network is.
    const places: Place[] = [{ host: NOBODY, port: 9 }]
    const { port } = await proxyTo(() => places.shift() ?? { host: HERE, port: guest.port }, { connectMs: 100 })
    expect(await lineOf(clientOf(port))).toBe('here')
    expect(unreachable).toHaveBeenCalledWith({ host: NOBODY, port: 9 })
  })

  it('gives up where nobody answers at all', async () => {
    const { proxy, port } = await proxyTo(() => ({ host: NOBODY, port: 9 }), { connectMs: 50 })
    expect(await endOf(clientOf(port))).toMatchObject({ code: 'ECONNRESET' })
    await quiet(proxy)
    expect(proxy.counts.failed).toBe(1)
  })

  it('passes a reset on as one, in both directions', async () => {
    await using guest = await guestAt(HERE, echo('hello'))
    const { proxy, port } = await proxyTo(to(guest.port))
    const first = clientOf(port)
    await lineOf(first)
    guest.sockets[0]?.resetAndDestroy()
    expect(await endOf(first)).toMatchObject({ code: 'ECONNRESET' })
    const second = clientOf(port)
    await lineOf(second)
    const other = guest.sockets[1]
    second.resetAndDestroy()
    await vi.waitFor(() => expect(other?.errored).toMatchObject({ code: 'ECONNRESET' }))
    await quiet(proxy)
  })

  it('takes so many at a time and no more, and the next when one has gone', async () => {
    await using guest = await guestAt(HERE, echo('in'))
    const { proxy, port } = await proxyTo(to(guest.port), { connections: 2 })
    const [one, two] = [clientOf(port), clientOf(port)]
    expect(await Promise.all([lineOf(one), lineOf(two)])).toEqual(['in', 'in'])
    expect((await endOf(clientOf(port))).text).toBe('')
    one.destroy()
    await vi.waitFor(() => expect(proxy.counts.open).toBe(1))
    expect(await lineOf(clientOf(port))).toBe('in')
    expect(proxy.counts).toEqual({ open: 2, total: 3, failed: 1 })
  })

  it.each([
    ['rest too long', { idleMs: 60 }, false],
    ['are half over and rest', { halfOpenMs: 60 }, true],
  ])('cuts connections that %s', async (_, limits, ends) => {
    await using guest = await guestAt(HERE, socket => void socket.write('here\n'))
    const { proxy, port } = await proxyTo(to(guest.port), limits)
    const client = clientOf(port)
    if (ends) client.end()
    expect(await endOf(client)).toMatchObject({ code: 'ECONNRESET' })
    await quiet(proxy)
  })

  it('outlives a flood of connections that come, write and vanish', async () => {
    await using guest = await guestAt(HERE, echo('x'))
    const { proxy, port } = await proxyTo(to(guest.port), { connections: 32 })
    const flood = Array.from({ length: 300 }, (_, at) => {
      const client = clientOf(port)
      client.once('connect', () => {
        client.write(Buffer.alloc(at * 100))
        if (at % 3 === 0) client.resetAndDestroy()
        else if (at % 3 === 1) client.destroy()
        else client.end()
      })
      return endOf(client)
    })
    await Promise.all(flood)
    await quiet(proxy)
    expect(await lineOf(clientOf(port))).toBe('x')
  })

  it('forgets who is cut while the guest has not answered yet', async () => {
    await using guest = await guestAt(HERE, echo())
    let release: () => void = () => undefined
    const asked = new Promise<void>(tell => {
      const proxy = new TcpProxy({
        place: () => new Promise(resolve => ((release = () => resolve({ host: HERE, port: guest.port })), tell())),
        onUnreachable: unreachable,
        onCounts: () => undefined,
      })
      proxies.push(proxy)
    })
    const [proxy] = proxies
    const client = clientOf((await proxy?.listen({ host: HERE, port: 0 })) ?? 0)
    await asked
    release()
    // It begins to connect, and the answer can come no sooner than with the next turn.
    for (let step = 0; step < 5; step++) await Promise.resolve()
    await proxy?.close()
    await endOf(client)
    await vi.waitFor(() => expect(proxy?.counts).toMatchObject({ open: 0, total: 0 }))
  })

  it('cuts all when it closes, and frees its port', async () => {
    await using guest = await guestAt(HERE, echo('x'))
    const { proxy, port } = await proxyTo(to(guest.port))
    const client = clientOf(port)
    await lineOf(client)
    await proxy.close()
    expect(await endOf(client)).toMatchObject({ code: 'ECONNRESET' })
    expect(await endOf(clientOf(port))).toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('tells why this computer does not let it listen', async () => {
    const { port } = await proxyTo(to(9))
    const failureOf = (host: string, at: number): Promise<unknown> => {
      const other = new TcpProxy({
        place: () => Promise.reject(new Error('none')),
        onUnreachable: unreachable,
        onCounts: () => undefined,
      })
      return other.listen({ host, port: at }).catch((error: unknown) => error)
    }
    const inUse = await failureOf(HERE, port)
    expect(inUse).toBeInstanceOf(ListenFailure)
    expect(inUse).toMatchObject({ state: 'port-in-use', detail: { kind: 'precondition' } })
    expect(await failureOf('192.0.2.1', 0)).toMatchObject({ state: 'no-such-address' })
    const denied = listenFailure(Object.assign(new Error('no'), { code: 'EACCES' }), { host: HERE, port: 80 })
    expect(denied).toMatchObject({ state: 'no-permission', detail: { kind: 'permission' } })
  })
})
