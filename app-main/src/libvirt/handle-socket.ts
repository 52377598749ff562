/**
 * Receiving descriptors (SCM_RIGHTS) without native code. Node offers no public way; its own child_process does it with
 * an IPC pipe, which any UNIX socket can be. Everything that depends on that internal is in this file: where it is
 * missing, `handleSocket` gives undefined and callers take another way.
 */
import net from 'node:net'
import { ConnectionError } from './errors.ts'

interface PipeHandle {
  /** Set just before the data that came with a descriptor is announced. */
  pendingHandle?: unknown
}

interface PipeBinding {
  Pipe: new (type: number) => PipeHandle
  constants: { IPC: number }
}

export interface HandleSocket {
  /** Not connected yet. */
  readonly socket: net.Socket
  /** Begins to look for descriptors: call it when the socket is connected, before anybody else reads. */
  watch(): void
  /** The oldest descriptor that came and was not taken, as soon as there is one. Rejects when the socket closes. */
  descriptor(): Promise<net.Socket>
}

const pipeBinding = (): PipeBinding | undefined => {
  try {
    const lookup: unknown = Reflect.get(process, 'binding')
    if (typeof lookup !== 'function') return undefined
    const binding: unknown = Reflect.apply(lookup, process, ['pipe_wrap'])
    return isPipeBinding(binding) ? binding : undefined
  } catch {
    // Refused by policy or removed: the same as missing.
    return undefined
  }
}

const isPipeBinding = (value: unknown): value is PipeBinding =>
  typeof value === 'object' &&
  value !== null &&
  typeof Reflect.get(value, 'Pipe') === 'function' &&
  typeof Reflect.get(Reflect.get(value, 'constants') ?? {}, 'IPC') === 'number'

/** A socket that can receive descriptors, or undefined where this runtime cannot. */
export const handleSocket = (): HandleSocket | undefined => {
  const binding = pipeBinding()
  if (!binding) return undefined
  const handle = new binding.Pipe(binding.constants.IPC)
  const socket = wrap(handle)
  const received: net.Socket[] = []
  const waiting: { resolve: (socket: net.Socket) => void; reject: (error: Error) => void }[] = []
  const collect = () => {
    const pending = handle.pendingHandle
    if (pending === undefined || pending === null) return
    handle.pendingHandle = null
    const passed = wrap(pending)
    const next = waiting.shift()
    if (next) next.resolve(passed)
    else received.push(passed)
  }
  socket.once('close', () => {
    for (const unclaimed of received.splice(0)) unclaimed.destroy()
    for (const { reject } of waiting.splice(0)) reject(new ConnectionError('lost', 'No descriptor came.'))
  })
  return {
    socket,
    watch: () => void socket.on('data', collect),
    descriptor: () => {
      const first = received.shift()
      if (first) return Promise.resolve(first)
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }))
    },
  }
}

/** The options are how Node's own modules wrap a handle; they are not in its types. */
const wrap = (handle: unknown): net.Socket => {
  const options: net.SocketConstructorOpts & { handle: unknown; manualStart: boolean } = { handle, manualStart: true }
  return new net.Socket(options)
}
