/** A connection to one daemon: what can be called, what it tells by itself. */
import type { Duplex } from 'node:stream'
import type { Listen } from '../base/emitter.ts'
import { authenticate } from './authenticate.ts'
import type { Caller } from './caller.ts'
import { DomainCalls } from './domain.ts'
import { ConnectionError, TimeoutError } from './errors.ts'
import { Events } from './events.ts'
import { connectClose, connectOpen, connectSupportsFeature } from './generated/remote-procedures.ts'
import { VIR_CONNECT_RO } from './generated/constants.ts'
import { LaneBalance } from './lane-balance.ts'
import { DEFAULT_KEEPALIVE, keepAlive, type KeepaliveOptions } from './keepalive.ts'
import { NetworkCalls } from './network.ts'
import { NodeCalls } from './node.ts'
import type { LaneLimits } from './lanes.ts'
import type { CallOptions } from './pending-call.ts'
import { AGENT_LANE_LIMITS, Rpc } from './rpc.ts'
import { StoragePoolCalls } from './storage-pool.ts'
import { StorageVolumeCalls } from './storage-volume.ts'
import { RpcStream, type StreamOptions } from './stream.ts'
import { dial, type Dial } from './transport.ts'
import { parseUri, type ConnectionTarget } from './uri.ts'
import type { Procedure } from './wire/procedure.ts'

/** virDrvFeature: the daemon understands keepalive messages, and may send them after it was asked. */
const FEATURE_KEEPALIVE = 10

export interface OpenOptions {
  /** Looking only: never asks for a password where the daemon allows it. */
  readonly readOnly?: boolean | undefined
  readonly signal?: AbortSignal | undefined
  /** False fails with `no-permission` instead of letting polkit ask a person for a password. */
  readonly interactive?: boolean | undefined
  /** Milliseconds for each step of opening, a password prompt excepted. */
  readonly deadlineMs?: number | undefined
  /** `null`: none. */
  readonly keepalive?: KeepaliveOptions | null | undefined
  /** How bytes get there; tests and other transports bring their own. */
  readonly dial?: Dial | undefined
}

const DEFAULT_OPEN_MS = 10_000

/** Two connections for questions to guests: with four in flight on each, eight of the daemon's twenty workers may wait for guests. */
const AGENT_SIDES = ['agent-1', 'agent-2'] as const
type Side = 'long' | (typeof AGENT_SIDES)[number]

export class Connection implements Caller {
  readonly target: ConnectionTarget
  readonly readOnly: boolean
  readonly domain: DomainCalls
  readonly network: NetworkCalls
  readonly storagePool: StoragePoolCalls
  readonly storageVolume: StorageVolumeCalls
  readonly node: NodeCalls
  readonly events: Events
  /** Fires once, with the reason. */
  readonly onClose: Listen<ConnectionError>
  readonly #rpc: Rpc
  readonly #options: OpenOptions
  /** Further connections to the same daemon, made when first needed. */
  readonly #side = new Map<Side, Promise<Rpc>>()
  readonly #agents = new LaneBalance(AGENT_SIDES)

  private constructor(rpc: Rpc, target: ConnectionTarget, options: OpenOptions) {
    this.#rpc = rpc
    this.#options = options
    this.target = target
    this.readOnly = options.readOnly ?? false
    this.onClose = rpc.onClose
    rpc.onClose(reason => this.#closeSides(reason))
    this.domain = new DomainCalls(this)
    this.network = new NetworkCalls(this)
    this.storagePool = new StoragePoolCalls(this)
    this.storageVolume = new StorageVolumeCalls(this)
    this.node = new NodeCalls(this)
    this.events = new Events(this, rpc)
  }

  /**
   * Opens a connection by its URI, for instance `qemu:///system`.
   * @throws {ConnectionError} with the trouble: not installed, not running, no permission, not responding…
   */
  static async open(uri: string, options: OpenOptions = {}): Promise<Connection> {
    const target = parseUri(uri)
    const rpc = await openConfigured(target, options)
    return new Connection(rpc, target, options)
  }

  get closeReason(): ConnectionError | undefined {
    return this.#rpc.closeReason
  }

  /** Where it leads, for people: for instance a socket's path. */
  get description(): string {
    return this.#rpc.transport.description
  }

  /** Calls any procedure of the generated tables. */
  call<Args, Ret>(procedure: Procedure<Args, Ret>, args: Args, options?: CallOptions): Promise<Ret> {
    // Each connection to a node of the test driver has a world of its own.
    const via = this.target.driver === 'test' ? 'main' : (options?.via ?? 'main')
    if (via === 'main' || this.#rpc.closeReason) return this.#rpc.call(procedure, args, options)
    const on = (side: Side) => this.#sideRpc(side).then(rpc => rpc.call(procedure, args, options))
    return via === 'agent' ? this.#agents.run(options?.lane ?? '', on) : on(via)
  }

  async openStream<Args, Ret>(
    procedure: Procedure<Args, Ret>,
    args: Args,
    options: StreamOptions = {},
  ): Promise<{ stream: Duplex; result: Ret }> {
    // No keepalive: it would call a paused reader dead.
    const rpc = await openRpc(this.target, { ...this.#options, signal: options.signal, keepalive: null })
    const stream = new RpcStream(rpc, options)
    try {
      const result = await rpc.call(procedure, args, options, stream)
      return { stream, result }
    } catch (error) {
      stream.on('error', () => undefined)
      rpc.close(new ConnectionError('lost', 'The stream could not be opened.', { cause: error }))
      throw error
    }
  }

  async receiveDescriptor<Args>(
    procedure: Procedure<Args, unknown>,
    args: Args,
    options: CallOptions = {},
  ): Promise<Duplex | undefined> {
    const rpc = await openRpc(
      this.target,
      { ...this.#options, signal: options.signal, keepalive: null },
      { descriptors: true },
    )
    const descriptor = rpc.transport.descriptor?.()
    if (!descriptor) {
      rpc.close(new ConnectionError('lost', 'No descriptor can travel here.'))
      return undefined
    }
    try {
      const [socket] = await Promise.all([descriptor, rpc.call(procedure, args, options)])
      return socket
    } catch (error) {
      descriptor.then(
        socket => socket.destroy(),
        () => undefined,
      )
      throw error
    } finally {
      rpc.close(new ConnectionError('lost', 'The descriptor was received.'))
    }
  }

  #sideRpc(side: Side): Promise<Rpc> {
    const known = this.#side.get(side)
    if (known) return known
    const limits = side === 'long' ? undefined : AGENT_LANE_LIMITS
    const opening = openConfigured(this.target, { ...this.#options, signal: undefined }, limits)
    this.#side.set(side, opening)
    const forget = () => this.#side.delete(side)
    opening.then(rpc => {
      rpc.onClose(forget)
      if (this.closeReason) rpc.close(this.closeReason)
    }, forget)
    return opening
  }

  #closeSides(reason: ConnectionError): void {
    for (const opening of this.#side.values()) {
      opening.then(
        rpc => rpc.close(reason),
        // Whoever asked for it has been told.
        () => undefined,
      )
    }
  }

  /** Says goodbye and closes. Never throws: a daemon that is gone is closed too. */
  async close(): Promise<void> {
    try {
      await this.#rpc.call(connectClose, undefined, { deadlineMs: 1000, lane: 'close' })
    } catch (error) {
      if (!(error instanceof ConnectionError) && !(error instanceof TimeoutError)) throw error
    } finally {
      this.#rpc.close(new ConnectionError('lost', 'The connection was closed.'))
    }
  }
}

const openConfigured = async (target: ConnectionTarget, options: OpenOptions, limits?: LaneLimits): Promise<Rpc> => {
  const rpc = await openRpc(target, options, { limits })
  const keepalive = options.keepalive === undefined ? DEFAULT_KEEPALIVE : options.keepalive
  if (keepalive) keepAlive(rpc, keepalive)
  return rpc
}

const openRpc = async (
  target: ConnectionTarget,
  options: OpenOptions,
  { descriptors = false, limits }: { descriptors?: boolean; limits?: LaneLimits | undefined } = {},
): Promise<Rpc> => {
  const deadlineMs = options.deadlineMs ?? DEFAULT_OPEN_MS
  const readOnly = options.readOnly ?? false
  const signal = options.signal ?? new AbortController().signal
  const transport = await (options.dial ?? dial)(target, { readOnly, descriptors, signal })
  const rpc = new Rpc(transport, limits)
  const step: CallOptions = { deadlineMs, signal }
  try {
    await authenticate(rpc, { readOnly, interactive: options.interactive ?? true }, step)
    await rpc.call(connectOpen, { name: target.name, flags: readOnly ? VIR_CONNECT_RO : 0 }, step)
    // Asking makes the daemon ping us too, so that it notices a client that a network lost. A client on its own computer
    // it sees go, and would only wake.
    const pinged = options.keepalive !== null && target.transport !== 'unix'
    if (pinged) await rpc.call(connectSupportsFeature, { feature: FEATURE_KEEPALIVE }, step)
    return rpc
  } catch (cause) {
    const error =
      cause instanceof TimeoutError
        ? new ConnectionError('not-responding', `${transport.description} accepts connections but does not answer.`, {
            cause,
            hint: 'It is asked again by itself. If it stays silent, restart it: running machines are not touched by that.',
          })
        : cause
    rpc.close(
      error instanceof ConnectionError ? error : new ConnectionError('lost', 'Opening failed.', { cause: error }),
    )
    throw error
  }
}
