/** The one WebSocket of events: keeps itself connected and tells when it is not. */

type Listener = (room: string, name: string, payload: unknown) => void

/** Milliseconds before a next attempt: doubles up to the last. */
const FIRST_DELAY = 250
const LAST_DELAY = 5000

export interface EventSocket {
  /** Resolves when the first attempt ended, well or not. */
  readonly settled: Promise<void>
  readonly online: { get(): boolean; listen(listener: (online: boolean) => void): () => void }
  subscribe(listener: Listener): () => void
}

const parse = (data: unknown): Parameters<Listener> | undefined => {
  if (typeof data !== 'string') return undefined
  try {
    const value: unknown = JSON.parse(data)
    if (typeof value !== 'object' || value === null) return undefined
    if (!('room' in value && 'name' in value && 'payload' in value)) return undefined
    const { room, name, payload } = value
    return typeof room === 'string' && typeof name === 'string' ? [room, name, payload] : undefined
  } catch {
    return undefined
  }
}

/** A function may listen twice; each time is its own. */
const listeners = <A extends unknown[]>() => {
  const all = new Set<(...args: A) => void>()
  const add = (listener: (...args: A) => void) => {
    const own = (...args: A) => listener(...args)
    all.add(own)
    return () => void all.delete(own)
  }
  const tell = (...args: A) => [...all].forEach(listener => listener(...args))
  return { add, tell }
}

export const eventSocket = (url: string): EventSocket => {
  const subscribers = listeners<Parameters<Listener>>()
  const watchers = listeners<[boolean]>()
  let online = true
  let delay = FIRST_DELAY
  let settle = () => {}
  const settled = new Promise<void>(resolve => (settle = resolve))

  const flip = (value: boolean) => {
    settle()
    if (value === online) return
    online = value
    watchers.tell(value)
  }

  const connect = () => {
    const socket = new WebSocket(url)
    socket.addEventListener('open', () => {
      delay = FIRST_DELAY
      flip(true)
    })
    socket.addEventListener('message', message => {
      const event = parse(message.data)
      if (event) subscribers.tell(...event)
    })
    socket.addEventListener('close', () => {
      flip(false)
      setTimeout(connect, delay)
      delay = Math.min(delay * 2, LAST_DELAY)
    })
  }
  connect()

  return { settled, subscribe: subscribers.add, online: { get: () => online, listen: watchers.add } }
}
