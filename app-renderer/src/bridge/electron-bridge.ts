/** The bridge inside Electron: one invoke channel, events, and a MessagePort for each byte stream. */
import { RemoteError, bytePipe } from '@vireo/app-main/contract'
import type { AppError, BytePipe, ContractDescription, MessagePipe, Reply } from '@vireo/app-main/contract'
import type { Bridge } from './bridge.ts'

/** What the preload script exposes; see app-main/src/preload/preload.ts. */
export interface ExposedBridge {
  invoke(message: unknown): Promise<unknown>
  onEvent(listener: (event: unknown) => void): void
}

declare global {
  interface Window {
    readonly vireoBridge?: ExposedBridge
  }
}

const LOST: AppError = { kind: 'internal', message: 'The main process did not answer.' }

export const exposedBridge = (): ExposedBridge | undefined => window.vireoBridge

/** The bytes in a buffer of their own: a structured clone of a view carries the whole buffer behind it. */
const alone = (bytes: Uint8Array): Uint8Array =>
  bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes)

const portPipe = (port: MessagePort): MessagePipe => ({
  send: data => port.postMessage(typeof data === 'string' ? data : alone(data)),
  onMessage(listener) {
    port.onmessage = event => listener(event.data)
  },
  onClose(listener) {
    port.addEventListener('close', () => listener())
  },
  close: () => port.close(),
})

const isReply = (value: unknown): value is Reply => typeof value === 'object' && value !== null && 'ok' in value

const ask = async (exposed: ExposedBridge, message: unknown): Promise<Reply> => {
  try {
    const reply = await exposed.invoke(message)
    return isReply(reply) ? reply : { ok: false, error: LOST }
  } catch (error) {
    return { ok: false, error: { ...LOST, message: error instanceof Error ? error.message : LOST.message } }
  }
}

/** Ports arrive as window messages with the id that the request carried. */
const portReceiver = () => {
  const waiting = new Map<string, (port: MessagePort) => void>()
  window.addEventListener('message', event => {
    const [port] = event.ports
    const id: unknown = typeof event.data === 'object' && event.data !== null ? event.data.vireoPort : undefined
    if (event.source !== window || !port || typeof id !== 'string') return
    const take = waiting.get(id)
    waiting.delete(id)
    if (take) take(port)
    else port.close()
  })
  return waiting
}

/** While a console has focus every key is the guest's: those of the menu too, and Alt, which would open it. */
const holdKeys = (exposed: ExposedBridge): void => {
  let held = false
  const tell = (now: boolean) => {
    if (now === held) return
    held = now
    void ask(exposed, { kind: 'keys', held })
  }
  document.addEventListener('focusin', ({ target }) =>
    tell(target instanceof Element && target.closest('[data-console-input]') !== null),
  )
  document.addEventListener('focusout', () => tell(false))
}

export const createElectronBridge = (exposed: ExposedBridge): Bridge => {
  const waiting = portReceiver()
  holdKeys(exposed)
  const subscribers = new Set<(room: string, name: string, payload: unknown) => void>()
  exposed.onEvent(event => {
    if (typeof event !== 'object' || event === null || !('room' in event && 'name' in event && 'payload' in event))
      return
    const { room, name, payload } = event
    if (typeof room !== 'string' || typeof name !== 'string') return
    for (const subscriber of [...subscribers]) subscriber(room, name, payload)
  })
  return {
    invoke: (room, name, input) => ask(exposed, { kind: 'call', room, name, input: input ?? {} }),
    subscribe(listener) {
      const own: typeof listener = (...event) => listener(...event)
      subscribers.add(own)
      return () => void subscribers.delete(own)
    },
    async openStream(room, name, input) {
      const id = crypto.randomUUID()
      const arrived = new Promise<BytePipe>(resolve => {
        waiting.set(id, port => resolve(bytePipe(portPipe(port), 'client')))
      })
      const reply = await ask(exposed, { kind: 'stream', id, room, name, input: input ?? {} })
      if (!reply.ok) {
        waiting.delete(id)
        throw new RemoteError(reply.error)
      }
      const pipe = await arrived
      const refused = await Promise.race([pipe.opened.then(() => null), pipe.closed.then(error => error ?? LOST)])
      if (refused) throw new RemoteError(refused)
      return pipe
    },
    async describe() {
      const reply = await ask(exposed, { kind: 'describe' })
      if (!reply.ok) throw new RemoteError(reply.error)
      return reply.value as ContractDescription
    },
    // The main process and the window live and die together.
    online: { get: () => true, listen: () => () => {} },
  }
}
