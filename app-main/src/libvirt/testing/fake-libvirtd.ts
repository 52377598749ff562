/** A daemon that speaks the real bytes over a pipe in memory, and says only what a test tells it to. */
import { duplexPair, type Duplex } from 'node:stream'
import {
  encodeVirNetMessageError,
  VIR_NET_CALL,
  VIR_NET_ERROR,
  VIR_NET_MESSAGE,
  VIR_NET_OK,
  VIR_NET_REPLY,
  VIR_NET_STREAM,
} from '../generated/net-message.ts'
import { authList, connectClose, connectOpen, connectSupportsFeature } from '../generated/remote-procedures.ts'
import type { Dial } from '../transport.ts'
import { FrameReader } from '../wire/frame-reader.ts'
import { frameOf, HEADER_BYTES, readHeader, type Header } from '../wire/message.ts'
import { XdrWriter } from '../wire/xdr-writer.ts'

type Write = (writer: XdrWriter) => void
type Named = { readonly program: number; readonly number: number }

/** One client's connection, seen from the daemon. */
export class FakeClient {
  readonly pipe: Duplex
  /** Everything that came, calls and stream messages alike. */
  readonly received: { header: Header; payload: Buffer }[] = []

  constructor(pipe: Duplex) {
    this.pipe = pipe
  }

  send(header: Partial<Header>, write: Write | Uint8Array = () => undefined): boolean {
    const payload = typeof write === 'function' ? encoded(write) : write
    const whole: Header = { program: 0x20008086, version: 1, procedure: 0, type: 0, serial: 0, status: 0, ...header }
    return this.pipe.write(frameOf(whole, payload))
  }

  event(event: Named, write: Write): void {
    this.send({ program: event.program, procedure: event.number, type: VIR_NET_MESSAGE }, write)
  }
}

/** One call, to be answered or not. */
export class FakeRequest {
  readonly client: FakeClient
  readonly header: Header
  readonly payload: Buffer

  constructor(client: FakeClient, header: Header, payload: Buffer) {
    this.client = client
    this.header = header
    this.payload = payload
  }

  reply(write?: Write): void {
    this.client.send({ ...this.header, type: VIR_NET_REPLY, status: VIR_NET_OK }, write)
  }

  fail(code: number, message: string, domain = 10): void {
    this.client.send(
      { ...this.header, type: VIR_NET_REPLY, status: VIR_NET_ERROR },
      errorPayload(code, message, domain),
    )
  }

  /** Sends one message of the stream that this call opened. */
  stream(status: number, data: Write | Uint8Array = new Uint8Array(0)): boolean {
    return this.client.send({ ...this.header, type: VIR_NET_STREAM, status }, data)
  }
}

export class FakeLibvirtd {
  readonly clients: FakeClient[] = []
  readonly #answers = new Map<number, (request: FakeRequest) => void>()

  constructor() {
    this.on(authList, request => request.reply(writer => [1, 0].forEach(word => writer.int(word))))
    this.on(connectOpen, request => request.reply())
    this.on(connectSupportsFeature, request => request.reply(writer => writer.int(1)))
    this.on(connectClose, request => request.reply())
  }

  /** Says how calls of one procedure are answered; others are unknown to this daemon. */
  on(procedure: Named, answer: (request: FakeRequest) => void): this {
    this.#answers.set(procedure.number, answer)
    return this
  }

  /** Gives a client a new pipe to this daemon: goes into `OpenOptions.dial`. */
  readonly dial: Dial = async () => {
    const [ours, theirs] = duplexPair()
    const client = new FakeClient(ours)
    this.clients.push(client)
    const frames = new FrameReader()
    ours.on('data', (chunk: Buffer) => {
      for (const frame of frames.push(chunk)) this.#take(client, frame)
    })
    ours.on('error', () => undefined)
    return { stream: theirs, description: 'fake' }
  }

  get client(): FakeClient {
    const last = this.clients.at(-1)
    if (!last) throw new Error('nobody is connected')
    return last
  }

  #take(client: FakeClient, frame: Buffer): void {
    const header = readHeader(frame)
    const payload = Buffer.from(frame.subarray(HEADER_BYTES))
    client.received.push({ header, payload })
    if (header.type !== VIR_NET_CALL) return
    const request = new FakeRequest(client, header, payload)
    const answer = this.#answers.get(header.procedure)
    if (answer) answer(request)
    else request.fail(39, `unknown procedure: ${header.procedure}`, 7)
  }
}

const encoded = (write: Write): Buffer => {
  const writer = new XdrWriter()
  write(writer)
  return Buffer.from(writer.bytes())
}

export const errorPayload =
  (code: number, message: string, domain = 10): Write =>
  writer =>
    encodeVirNetMessageError(writer, {
      code,
      domain,
      message,
      level: 2,
      dom: null,
      str1: null,
      str2: null,
      str3: null,
      int1: 0,
      int2: 0,
      net: null,
    })
