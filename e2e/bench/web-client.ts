/** A program that uses `vireo serve` as the page does: calls over HTTP, byte streams over WebSockets. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  bytePipe,
  encodeHello,
  RemoteError,
  type ByteStream,
  type MessagePipe,
} from '../../app-main/src/contract/index.ts'

export interface WebClient {
  readonly origin: string
  /** Throws with the answer's text when the call fails. */
  call(room: string, name: string, input?: object): Promise<unknown>
  /** Throws the server's refusal. */
  open(room: string, name: string, input: object): Promise<ByteStream>
}

const socketPipe = (socket: WebSocket): MessagePipe => {
  socket.binaryType = 'arraybuffer'
  return {
    send: data => socket.send(data as Uint8Array<ArrayBuffer> | string),
    onMessage: listener => socket.addEventListener('message', event => listener(event.data)),
    onClose: listener => socket.addEventListener('close', () => listener()),
    close: () => socket.close(),
  }
}

/** `headers` is Node's own addition to the standard. */
const openSocket = WebSocket as unknown as new (url: string, options: { headers: Record<string, string> }) => WebSocket

/** @param runtimeFolder `XDG_RUNTIME_DIR` of the server, where it leaves its key for programs */
export const webClient = async (runtimeFolder: string): Promise<WebClient> => {
  const text = await readFile(join(runtimeFolder, 'vireo/server.json'), 'utf8')
  const { origin, key } = JSON.parse(text) as { origin: string; key: string }
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  return {
    origin,
    async call(room, name, input = {}) {
      const path = `${origin}/api/v1/${room}/${name}`
      const response = await fetch(path, { method: 'POST', headers, body: JSON.stringify(input) })
      if (!response.ok) throw new Error(`${room}/${name}: ${response.status} ${await response.text()}`)
      return response.json()
    },
    async open(room, name, input) {
      const hello = encodeHello(input)
      const socket = new openSocket(`${origin.replace('http', 'ws')}/stream/${room}/${name}`, { headers })
      socket.addEventListener('open', () => socket.send(hello))
      const pipe = bytePipe(socketPipe(socket), 'client')
      const refused = await Promise.race([pipe.opened.then(() => undefined), pipe.closed.then(error => ({ error }))])
      if (refused) throw new RemoteError(refused.error ?? { kind: 'internal', message: 'The stream closed at once.' })
      return pipe
    },
  }
}
