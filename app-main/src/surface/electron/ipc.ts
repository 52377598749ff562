/** The two channels between the window and the main process. */
import type { IpcMain, IpcMainInvokeEvent, MessagePortMain, WebContents } from 'electron'
import { disposable, DisposableStore, type Disposable } from '../../base/disposable.ts'
import { bytePipe, contract, describeContract, type Reply } from '../../contract/index.ts'
import type { Dispatcher, Principal } from '../../dispatch/dispatcher.ts'
import { giveUp, joinDuplex } from '../../dispatch/pipe-duplex.ts'
import { isPage } from './page-address.ts'
import { portPipe } from './port-pipe.ts'

/** Requests of the window; answered with a `Reply`. */
export const INVOKE = 'vireo:invoke'
/** Events, and the ports of byte streams, to the window. */
export const MESSAGE = 'vireo:message'

export interface IpcParts {
  readonly ipcMain: Pick<IpcMain, 'handle' | 'removeHandler'>
  readonly makeChannel: () => { port1: MessagePortMain; port2: MessagePortMain }
  readonly contents: Pick<WebContents, 'send' | 'postMessage' | 'isDestroyed' | 'isCrashed' | 'setIgnoreMenuShortcuts'>
}

type Sender = Pick<IpcMainInvokeEvent, 'sender' | 'senderFrame'>

/** Our window, its main frame and our page; anything else has no business here. */
export const isTrusted = (event: Sender, contents: unknown): boolean =>
  event.sender === contents && event.senderFrame?.parent === null && isPage(event.senderFrame.url)

interface Addressed {
  readonly room: string
  readonly name: string
  readonly input: unknown
}
type Request =
  | ({ readonly kind: 'call' } & Addressed)
  | ({ readonly kind: 'stream'; readonly id: string } & Addressed)
  | { readonly kind: 'describe' }
  /** Whether a console has the keys: the menu's shortcuts rest as long. */
  | { readonly kind: 'keys'; readonly held: boolean }

const parse = (message: unknown): Request | undefined => {
  if (typeof message !== 'object' || message === null || !('kind' in message)) return undefined
  if (message.kind === 'describe') return { kind: 'describe' }
  if (message.kind === 'keys')
    return 'held' in message && typeof message.held === 'boolean' ? { kind: 'keys', held: message.held } : undefined
  if (!('room' in message && 'name' in message && 'input' in message)) return undefined
  const { room, name, input } = message
  if (typeof room !== 'string' || typeof name !== 'string') return undefined
  if (message.kind === 'call') return { kind: 'call', room, name, input }
  if (message.kind !== 'stream' || !('id' in message) || typeof message.id !== 'string') return undefined
  return { kind: 'stream', id: message.id, room, name, input }
}

const openStream = async (
  parts: IpcParts,
  dispatcher: Dispatcher,
  principal: Principal,
  request: Extract<Request, { kind: 'stream' }>,
): Promise<Reply> => {
  const opened = await dispatcher.open(principal, request.room, request.name, request.input)
  if (!opened.ok) return opened
  if (parts.contents.isDestroyed()) {
    giveUp(opened.stream)
    return { ok: false, error: { kind: 'cancelled', message: 'The window is gone.' } }
  }
  const { port1, port2 } = parts.makeChannel()
  joinDuplex(bytePipe(portPipe(port1), 'server'), opened.stream)
  parts.contents.postMessage(MESSAGE, { port: request.id }, [port2])
  return { ok: true, value: null }
}

/** Serves one window. Dispose it with the window. */
export const serveIpc = (parts: IpcParts, dispatcher: Dispatcher, principal: Principal): Disposable => {
  const owned = new DisposableStore()
  const description = describeContract(contract)
  parts.ipcMain.handle(INVOKE, async (event, message: unknown): Promise<Reply> => {
    if (!isTrusted(event, parts.contents))
      return { ok: false, error: { kind: 'refused', message: 'This page may not speak to Vireo.' } }
    const request = parse(message)
    if (!request) return { ok: false, error: { kind: 'invalid-input', message: 'The message makes no sense.' } }
    if (request.kind === 'describe') return { ok: true, value: description }
    if (request.kind === 'keys') {
      parts.contents.setIgnoreMenuShortcuts(request.held)
      return { ok: true, value: null }
    }
    if (request.kind === 'stream') return openStream(parts, dispatcher, principal, request)
    return dispatcher.call(principal, request.room, request.name, request.input)
  })
  owned.add(disposable(() => parts.ipcMain.removeHandler(INVOKE)))
  owned.add(
    dispatcher.onEvent(event => {
      if (!parts.contents.isDestroyed() && !parts.contents.isCrashed()) parts.contents.send(MESSAGE, event)
    }),
  )
  return owned
}
