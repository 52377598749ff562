import { RemoteError } from '@vireo/app-main/contract'
import type { VireoClient, VireoContract } from '@vireo/app-main/contract'
import type { Bridge } from './bridge.ts'

type StreamNames<R> = { [K in keyof R]: R[K] extends { kind: 'stream' } ? K : never }[keyof R]
type StreamTable = {
  readonly [R in keyof VireoContract as StreamNames<VireoContract[R]> extends never ? never : R]: Readonly<
    Record<StreamNames<VireoContract[R]>, true>
  >
}

// The contract's schemas stay out of the window's bundle, so which names are streams is said here; the type keeps it true.
const STREAMS: StreamTable = {
  domain: { screen: true, serial: true, channel: true, screenshot: true },
  guest: { exec: true, readFile: true, writeFile: true },
  lxd: { terminal: true },
  ssh: { terminal: true },
}

const streams: Readonly<Record<string, Readonly<Record<string, true>>>> = STREAMS

const entry = (bridge: Bridge, room: string, name: string) => {
  if (Object.hasOwn(streams, room) && Object.hasOwn(streams[room] ?? {}, name))
    return (input: unknown) => bridge.openStream(room, name, input)
  return (argument: unknown) => {
    if (typeof argument !== 'function') return answer(bridge, room, name, argument)
    return bridge.subscribe((fromRoom, event, payload) => {
      if (fromRoom === room && event === name) argument(payload)
    })
  }
}

const answer = async (bridge: Bridge, room: string, name: string, input: unknown): Promise<unknown> => {
  const reply = await bridge.invoke(room, name, input)
  if (reply.ok) return reply.value
  throw new RemoteError(reply.error)
}

/** Makes an object whose properties are made by `make` on first use. Symbols and `then` are no entries (a client is no promise). */
const lazily = (make: (name: string) => unknown): object => {
  const made = new Map<string, unknown>()
  return new Proxy(Object.freeze({}), {
    get(_, name) {
      if (typeof name !== 'string' || name === 'then') return undefined
      if (!made.has(name)) made.set(name, make(name))
      return made.get(name)
    },
  })
}

/** The contract as functions: calls and streams return promises that reject with RemoteError, events return their disposer. */
export const createClient = (bridge: Bridge): VireoClient =>
  // The proxy makes whatever name is asked for; the contract's type says which names there are.
  lazily(room => lazily(name => entry(bridge, room, name))) as VireoClient
