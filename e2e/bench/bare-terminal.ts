/** A page with nothing but xterm.js, fed by a plain WebSocket: what the terminal emulator itself takes. */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { WebSocketServer, type WebSocket } from 'ws'
import { WINDOW } from '../../app-main/src/contract/index.ts'

export interface BareTerminal extends AsyncDisposable {
  /** The page with a terminal of this size. */
  url(size: { cols: number; rows: number }): string
}

declare global {
  interface Window {
    /** The bare page's xterm.js. */
    terminal: { write(bytes: Uint8Array, parsed: () => void): void; focus(): void }
  }
}

const page = `<!doctype html><title>xterm.js</title><link rel="stylesheet" href="/xterm.css"><div></div>
<script type="module">
import { Terminal } from '/xterm.mjs'
const asked = new URLSearchParams(location.search)
const terminal = new Terminal({ cols: +asked.get('cols'), rows: +asked.get('rows'), scrollback: 10000 })
terminal.open(document.querySelector('div'))
const socket = new WebSocket('ws://' + location.host)
socket.binaryType = 'arraybuffer'
// The pattern of xterm.js's own documentation: the callback tells the sender how far the terminal is.
socket.onmessage = ({ data }) => terminal.write(new Uint8Array(data), () => socket.send(String(data.byteLength)))
terminal.onData(text => socket.send(new TextEncoder().encode(text)))
socket.onopen = () => { window.terminal = terminal; terminal.focus() }
</script>`

/** Between the flood and a page: binary messages are typed, texts acknowledge. */
const wire = (socket: WebSocket, path: string): void => {
  const line = connect(path)
  let flying = 0
  line.on('data', chunk => {
    flying += chunk.byteLength
    socket.send(chunk)
    // As many as our own byte pipe allows.
    if (flying >= WINDOW) line.pause()
  })
  socket.on('message', (data: Buffer, binary) => {
    if (binary) return void line.write(data)
    flying -= Number(data.toString())
    if (flying < WINDOW) line.resume()
  })
  socket.on('close', () => line.destroy())
  // The page sees its end.
  line.on('error', () => socket.close())
}

/** @param flood the socket of the program that floods */
export const bareTerminal = async (flood: string): Promise<BareTerminal> => {
  const xterm = dirname(dirname(createRequire(import.meta.url).resolve('@xterm/xterm')))
  const files: Readonly<Record<string, readonly [type: string, text: string]>> = {
    '/': ['text/html', page],
    '/xterm.mjs': ['text/javascript', await readFile(join(xterm, 'lib/xterm.mjs'), 'utf8')],
    '/xterm.css': ['text/css', await readFile(join(xterm, 'css/xterm.css'), 'utf8')],
  }
  const server = createServer((request, response) => {
    const [type, text] = files[new URL(request.url ?? '/', 'http://localhost').pathname] ?? []
    if (type === undefined) return void response.writeHead(404).end()
    return void response.writeHead(200, { 'content-type': type }).end(text)
  })
  const sockets = new WebSocketServer({ server, perMessageDeflate: false })
  sockets.on('connection', socket => wire(socket, flood))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return {
    url: ({ cols, rows }) => `http://127.0.0.1:${port}/?cols=${cols}&rows=${rows}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets.clients) socket.terminate()
      sockets.close()
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
