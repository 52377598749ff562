/** libvirt's RPC over one transport: calls matched to replies, events, and the messages of streams. */
import type { Disposable } from '../base/disposable.ts'
import { Emitter } from '../base/emitter.ts'
import { ConnectionError, isAgentUnresponsive, isUnknownProcedure, ProtocolError, type LibvirtError } from './errors.ts'
import { FairQueue } from './fair-queue.ts'
import { Lanes, type LaneLimits } from './lanes.ts'
import * as net from './generated/net-message.ts'
import { PendingCall, type CallOptions, type QueuedCall } from './pending-call.ts'
import { remoteError } from './remote-error.ts'
import type { Transport } from './transport.ts'
import { FrameReader } from './wire/frame-reader.ts'
import { frameOf, HEADER_BYTES, readHeader, type Header } from './wire/message.ts'
import type { Procedure, ProtocolEvent } from './wire/procedure.ts'
import { XdrReader } from './wire/xdr-reader.ts'
import { XdrWriter } from './wire/xdr-writer.ts'

/** The daemon allows 5 requests of a client at once, and keepalive needs one. */
const CALLS_IN_FLIGHT = 4
const LANE_LIMITS: LaneLimits = { perLane: 2, late: CALLS_IN_FLIGHT }
/** Where calls wait for guests: the daemon lets each guest have one question at a time anyway. */
export const AGENT_LANE_LIMITS: LaneLimits = { perLane: 1, late: CALLS_IN_FLIGHT / 2 }
const DEFAULT_DEADLINE_MS = 30_000

/** Who receives the messages of one stream. */
export interface StreamSink {
  /** The bytes are only good during the call. */
  data(chunk: Buffer): void
  /** The daemon confirmed the end, or our abort. */
  finished(): void
  failed(error: Error): void
}

interface Entry {
  readonly call: QueuedCall
  readonly sink: StreamSink | undefined
}

interface OpenStream {
  readonly sink: StreamSink
  readonly header: Header
}

export class Rpc {
  readonly #transport: Transport
  readonly #frames = new FrameReader({
    wants: ({ type, status, serial }) =>
      type === net.VIR_NET_STREAM && status === net.VIR_NET_CONTINUE && this.#streams.has(serial),
    piece: ({ serial }, bytes) => this.#streams.get(serial)?.sink.data(bytes),
  })
  readonly #queue = new FairQueue<Entry>()
  readonly #lanes: Lanes
  readonly #inFlight = new Map<number, Entry>()
  readonly #streams = new Map<number, OpenStream>()
  readonly #events = new Map<number, { decode: (reader: XdrReader) => unknown; emitter: Emitter<unknown> }>()
  /** What this daemon does not know is asked only once. */
  readonly #unknown = new Map<number, LibvirtError>()
  readonly #closed = new Emitter<ConnectionError>()
  #closeReason: ConnectionError | undefined
  #serial = 0
  #lastHeard = performance.now()
  #lastAsked = performance.now()
  /** Called when a call goes out and none is under way. */
  onBusy: (() => void) | undefined

  constructor(transport: Transport, limits: LaneLimits = LANE_LIMITS) {
    this.#transport = transport
    this.#lanes = new Lanes(limits)
    const { stream } = transport
    const receive = (chunk: Buffer) => this.#receive(chunk)
    if (transport.read) transport.read(receive)
    else stream.on('data', receive)
    stream.on('error', error =>
      this.close(new ConnectionError('lost', `The connection broke: ${error.message}`, { cause: error })),
    )
    const ended = () => this.close(new ConnectionError('lost', 'The daemon ended the connection.'))
    stream.on('end', ended)
    stream.on('close', ended)
    stream.resume()
  }

  /** Fires once, with the reason. */
  readonly onClose = this.#closed.event

  get transport(): Transport {
    return this.#transport
  }

  get closeReason(): ConnectionError | undefined {
    return this.#closeReason
  }

  /** Milliseconds since the last byte arrived. */
  get silentMs(): number {
    return performance.now() - this.#lastHeard
  }

  /** Milliseconds since the last call went out; 0 while one is under way. */
  get unaskedMs(): number {
    return this.#inFlight.size > 0 ? 0 : performance.now() - this.#lastAsked
  }

  /** @param sink makes the call open a stream, whose messages it receives: `serial` then names it */
  call<Args, Ret>(
    procedure: Procedure<Args, Ret>,
    args: Args,
    options: CallOptions = {},
    sink?: StreamSink,
  ): Promise<Ret> {
    const refused = this.#closeReason ?? this.#unknown.get(keyOf(procedure.program, procedure.number))
    if (refused) return Promise.reject(refused)
    const deadline = options.deadlineMs === undefined ? DEFAULT_DEADLINE_MS : options.deadlineMs
    const call = new PendingCall(procedure, args, deadline, options)
    if (call.settled) return call.promise
    const entry: Entry = { call, sink }
    call.onGiveUp = () => this.#queue.remove(call.lane, entry)
    if (this.#queue.length === 0 && this.#mayGo(call.lane)) this.#send(entry)
    else {
      this.#queue.push(call.lane, entry)
      this.#pump()
    }
    // Last: the daemon is already at work meanwhile.
    call.watch()
    return call.promise
  }

  on<Payload>(event: ProtocolEvent<Payload>, listener: (payload: Payload) => void): Disposable {
    const key = keyOf(event.program, event.number)
    const known = this.#events.get(key) ?? { decode: reader => event.decode(reader), emitter: new Emitter<unknown>() }
    this.#events.set(key, known)
    return known.emitter.event(payload => listener(payload as Payload))
  }

  /** Sends a message of the stream that `sink` belongs to. False asks to wait for `onDrain`. */
  sendStream(sink: StreamSink, status: number, data?: Uint8Array): boolean {
    if (this.#closeReason) return false
    for (const open of this.#streams.values()) {
      if (open.sink === sink) return this.#transport.stream.write(frameOf({ ...open.header, status }, data))
    }
    return false
  }

  onDrain(listener: () => void): void {
    this.#transport.stream.once('drain', listener)
  }

  /** Stops reading the whole connection, which stops the daemon from sending. */
  pause(): void {
    this.#transport.stream.pause()
  }

  resume(): void {
    this.#transport.stream.resume()
  }

  ping(): void {
    this.#sendKeepalive(net.KEEPALIVE_PROC_PING)
  }

  /** Ends the connection. Everybody who waits is told `reason`. Closing again does nothing. */
  close(reason: ConnectionError): void {
    if (this.#closeReason) return
    this.#closeReason = reason
    this.#transport.stream.destroy()
    const waiting = [...this.#inFlight.values(), ...this.#queue.clear()]
    const streams = [...this.#streams.values()]
    this.#inFlight.clear()
    this.#streams.clear()
    for (const { call } of waiting) call.reject(reason)
    for (const { sink } of streams) sink.failed(reason)
    this.#closed.fire(reason)
  }

  /** Sends as many calls as may be under way, in one write. */
  #pump(): void {
    if (this.#queue.length === 0) return
    const { stream } = this.#transport
    stream.cork()
    while (this.#inFlight.size < CALLS_IN_FLIGHT) {
      const entry = this.#queue.shift(lane => this.#lanes.mustWait(lane))
      if (!entry) break
      this.#send(entry)
    }
    stream.uncork()
  }

  #mayGo(lane: string): boolean {
    return this.#inFlight.size < CALLS_IN_FLIGHT && !this.#lanes.mustWait(lane)
  }

  #send(entry: Entry): void {
    const { procedure } = entry.call
    this.#serial = (this.#serial + 1) >>> 0
    const header: Header = {
      program: procedure.program,
      version: procedure.version,
      procedure: procedure.number,
      type: net.VIR_NET_CALL,
      serial: this.#serial,
      status: net.VIR_NET_OK,
    }
    let frame: Buffer
    try {
      frame = encodeCall(header, entry.call)
    } catch (error) {
      entry.call.reject(error)
      return
    }
    if (this.#inFlight.size === 0) this.onBusy?.()
    this.#lastAsked = performance.now()
    this.#inFlight.set(header.serial, entry)
    this.#lanes.enter(entry.call.lane)
    // Data may come before the reply, so the stream must be known before it is asked for.
    if (entry.sink) {
      this.#streams.set(header.serial, { sink: entry.sink, header: { ...header, type: net.VIR_NET_STREAM } })
    }
    this.#transport.stream.write(frame)
  }

  #receive(chunk: Buffer): void {
    this.#lastHeard = performance.now()
    try {
      for (const frame of this.#frames.push(chunk)) {
        this.#dispatch(readHeader(frame), frame)
        if (this.#closeReason) return
      }
      this.#pump()
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      this.close(
        error instanceof ProtocolError
          ? error
          : new ProtocolError(`The daemon sent a message that cannot be read: ${message}`, { cause: error }),
      )
    }
  }

  #dispatch(header: Header, frame: Buffer): void {
    if (header.program === net.KEEPALIVE_PROGRAM) return this.#keepalive(header)
    switch (header.type) {
      case net.VIR_NET_REPLY:
      case net.VIR_NET_REPLY_WITH_FDS:
        return this.#reply(header, frame)
      case net.VIR_NET_MESSAGE:
        return this.#event(header, frame)
      case net.VIR_NET_STREAM:
      case net.VIR_NET_STREAM_HOLE:
        return this.#stream(header, frame)
      default:
        throw new ProtocolError(`The daemon sent a message of type ${header.type}, which only clients send.`)
    }
  }

  #reply(header: Header, frame: Buffer): void {
    const entry = this.#inFlight.get(header.serial)
    if (entry?.call.procedure.number !== header.procedure || entry.call.procedure.program !== header.program) {
      throw new ProtocolError(`The daemon answered request ${header.serial}, which nobody made.`)
    }
    const gaveUp = entry.call.settled
    const reader = new XdrReader(frame, HEADER_BYTES)
    // The number of descriptors; they travel beside the bytes.
    if (header.type === net.VIR_NET_REPLY_WITH_FDS) this.#frames.skip(checkedDescriptors(reader.uint()))
    // What cannot be read throws, and closing then tells this caller as well: it is still in flight.
    const refusal = header.status === net.VIR_NET_OK ? null : remoteError(reader, entry.call.procedure.name)
    if (refusal === null) entry.call.reply(reader)
    else this.#refused(header, entry, refusal)
    this.#inFlight.delete(header.serial)
    this.#lanes.leave(entry.call.lane, gaveUp || isAgentUnresponsive(refusal))
  }

  #refused(header: Header, entry: Entry, error: LibvirtError): void {
    if (isUnknownProcedure(error)) this.#unknown.set(keyOf(header.program, header.procedure), error)
    this.#streams.delete(header.serial)
    entry.call.reject(error)
  }

  #event(header: Header, frame: Buffer): void {
    const known = this.#events.get(keyOf(header.program, header.procedure))
    // Events of newer daemons, or whose last listener has just gone, concern nobody.
    if (known?.emitter.used) known.emitter.fire(known.decode(new XdrReader(frame, HEADER_BYTES)))
  }

  #stream(header: Header, frame: Buffer): void {
    const open = this.#streams.get(header.serial)
    if (!open) throw new ProtocolError(`The daemon sent data of stream ${header.serial}, which nobody opened.`)
    if (header.type === net.VIR_NET_STREAM_HOLE) {
      this.#streams.delete(header.serial)
      open.sink.failed(new ProtocolError('The daemon sent a hole, which was not asked for.'))
      return
    }
    if (header.status === net.VIR_NET_CONTINUE) {
      open.sink.data(frame.subarray(HEADER_BYTES))
      return
    }
    this.#streams.delete(header.serial)
    if (header.status === net.VIR_NET_OK) open.sink.finished()
    else open.sink.failed(remoteError(new XdrReader(frame, HEADER_BYTES), 'stream'))
  }

  #keepalive(header: Header): void {
    if (header.procedure === net.KEEPALIVE_PROC_PING) this.#sendKeepalive(net.KEEPALIVE_PROC_PONG)
  }

  #sendKeepalive(procedure: number): void {
    if (this.#closeReason) return
    this.#transport.stream.write(
      frameOf({
        program: net.KEEPALIVE_PROGRAM,
        version: net.KEEPALIVE_PROTOCOL_VERSION,
        procedure,
        type: net.VIR_NET_MESSAGE,
        serial: 0,
        status: net.VIR_NET_OK,
      }),
    )
  }
}

/** One number for a program and a procedure: procedure numbers stay far below the factor. */
const keyOf = (program: number, number: number): number => program * 65536 + number

const encodeCall = (header: Header, call: QueuedCall): Buffer => {
  const writer = new XdrWriter()
  writer.uint(0)
  writer.uint(header.program)
  writer.uint(header.version)
  writer.int(header.procedure)
  writer.uint(header.type)
  writer.uint(header.serial)
  writer.uint(header.status)
  call.encode(writer)
  writer.uintAt(0, writer.length)
  return writer.bytes()
}

const checkedDescriptors = (count: number): number => {
  if (count > net.VIR_NET_MESSAGE_NUM_FDS_MAX) throw new ProtocolError(`The daemon announced ${count} descriptors.`)
  return count
}
