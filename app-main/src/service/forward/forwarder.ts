/** One forward in a process that forwards: it listens while the machine can be reached, and says how it goes. */
import { isIP } from 'node:net'
import { Backoff } from '../../base/backoff.ts'
import { createLog } from '../../base/log.ts'
import { ForwardStatus, type ForwardRule, type ForwardState } from '../../contract/index.ts'
import { Lease } from './lease.ts'
import { ListenFailure, TcpProxy, type Place, type ProxyLimits } from './tcp-proxy.ts'
import type { Finder } from './whereabouts.ts'

export interface ForwarderOptions {
  readonly rule: ForwardRule
  readonly finder: Finder
  /** Where processes agree on who forwards. */
  readonly socket: string
  readonly onChange: () => void
  readonly limits?: ProxyLimits
}

/** A machine's address is asked for anew when the last answer is older. */
const FRESH_MS = 5000
/** A new connection does not wait longer for that: the last known address is tried then. */
const PATIENCE_MS = 1000
/** An address that did not answer comes last for so long. */
const AVOID_MS = 30_000
/** Connections that are open are cut when the machine has moved: looked at so often where nobody tells. */
const LOOK_MS = 60_000
/** What is said to windows is said at most so often. */
const TELL_MS = 200
const RETRY = { firstMs: 1000, longestMs: 15_000 }
const log = createLog('forward')

export const IDLE_STATUS: ForwardStatus = {
  ...{ state: 'starting', reason: null, target: null, connections: 0, total: 0, failed: 0, pid: null },
}

export class Forwarder {
  readonly rule: ForwardRule
  readonly #options: ForwarderOptions
  readonly #lease: Lease
  readonly #proxy: TcpProxy
  readonly #backoff = new Backoff(RETRY)
  readonly #avoid = new Map<string, number>()
  #listening = false
  #ips: readonly string[] = []
  #lookedAt = -Infinity
  #glance = ''
  #state: ForwardState = 'starting'
  #reason: string | null = null
  #others: ForwardStatus = IDLE_STATUS
  #looking: Promise<void> | null = null
  #again = false
  #retry: NodeJS.Timeout | undefined
  #telling: NodeJS.Timeout | undefined
  readonly #end = new AbortController()

  constructor(options: ForwarderOptions) {
    this.#options = options
    this.rule = options.rule
    this.#proxy = new TcpProxy({
      ...(options.limits ? { limits: options.limits } : {}),
      place: () => this.#place(),
      onUnreachable: place => this.#unreachable(place),
      onCounts: () => this.#tellSoon(),
    })
    this.#lease = new Lease({
      path: options.socket,
      news: () => JSON.stringify(this.#own()),
      onHeld: () => void this.look(),
      onNews: line => this.#heard(line),
    })
    this.#lease.start()
  }

  get status(): ForwardStatus {
    return this.#lease.held ? this.#own() : this.#others
  }

  /** Something about machines or connections changed. */
  news(): void {
    const glance = this.#options.finder.glance(this.rule.domain)
    if (glance === this.#glance) return
    this.#glance = glance
    void this.look()
  }

  /** Looks where the machine is and does what follows; resolves when that is done. Never rejects. */
  look(): Promise<void> {
    this.#again = true
    this.#looking ??= this.#lookUntilQuiet()
    return this.#looking
  }

  /** Resolves when the port is free. */
  async dispose(): Promise<void> {
    this.#end.abort()
    clearTimeout(this.#retry)
    clearTimeout(this.#telling)
    // What is on its way to listen ends first, and then nothing listens.
    await this.look()
    await this.#lease.dispose()
  }

  #own(): ForwardStatus {
    const { open, total, failed } = this.#proxy.counts
    return {
      ...{ state: this.#state, reason: this.#reason, target: this.#ips[0] ?? null },
      ...{ connections: open, total, failed, pid: process.pid },
    }
  }

  #heard(line: string | null): void {
    this.#others = line === null ? IDLE_STATUS : statusIn(line)
    if (!this.#end.signal.aborted) this.#options.onChange()
  }

  async #lookUntilQuiet(): Promise<void> {
    while (this.#again) {
      this.#again = false
      try {
        await this.#step()
      } catch (error) {
        log.warn('looking failed', { forward: this.rule.id, error })
        this.#enter('unreachable', error instanceof Error ? error.message : String(error))
      }
    }
    this.#looking = null
    this.#schedule()
  }

  async #step(): Promise<void> {
    if (this.#end.signal.aborted) return this.#stop()
    if (!this.#lease.held) return
    const where = await this.#options.finder.where(this.rule, this.#end.signal)
    if (this.#end.signal.aborted) return this.#stop()
    this.#lookedAt = performance.now()
    if (where.kind === 'at') return this.#follow(where.ips)
    // The machine runs, and may well be where it was: the daemon is away, or this computer has not heard of it for a while.
    const stays = where.kind === 'unreachable' || where.kind === 'no-address'
    if (stays && this.#listening) return this.#enter('listening', where.reason)
    await this.#stop()
    this.#ips = []
    this.#enter(where.kind, where.reason)
  }

  async #follow(ips: readonly string[]): Promise<void> {
    this.#ips = ips
    this.#proxy.cutWhere(({ host }) => !ips.includes(host))
    if (!this.#listening) {
      try {
        await this.#proxy.listen({ host: this.rule.address, port: this.rule.port })
        this.#listening = true
      } catch (error) {
        if (!(error instanceof ListenFailure)) throw error
        return this.#enter(error.state, error.detail.message)
      }
    }
    this.#backoff.reset()
    this.#enter('listening', null)
  }

  async #stop(): Promise<void> {
    this.#listening = false
    await this.#proxy.close()
  }

  #enter(state: ForwardState, reason: string | null): void {
    this.#state = state
    this.#reason = reason
    this.#tellSoon()
  }

  /** What nobody tells is looked at again: an address that comes, a port that becomes free. */
  #schedule(): void {
    clearTimeout(this.#retry)
    if (this.#end.signal.aborted || !this.#lease.held || this.#state === 'off' || this.#state === 'gone') return
    const ms = this.#state === 'listening' ? LOOK_MS : this.#backoff.next()
    this.#retry = setTimeout(() => {
      if (this.#state !== 'listening' || this.#proxy.counts.open > 0) void this.look()
      else this.#schedule()
    }, ms)
    this.#retry.unref()
  }

  async #place(): Promise<Place> {
    if (performance.now() - this.#lookedAt > FRESH_MS) {
      let timer: NodeJS.Timeout | undefined
      const patience = new Promise<void>(resolve => (timer = setTimeout(resolve, PATIENCE_MS)))
      await Promise.race([this.look(), patience])
      clearTimeout(timer)
    }
    const now = performance.now()
    for (const [ip, until] of this.#avoid) if (until < now) this.#avoid.delete(ip)
    const host = this.#ips.find(ip => !this.#avoid.has(ip)) ?? this.#ips[0]
    if (host === undefined) throw new Error('nowhere to go')
    return { host, port: this.rule.guestPort }
  }

  #unreachable({ host }: Place): void {
    this.#avoid.set(host, performance.now() + AVOID_MS)
    this.#lookedAt = -Infinity
  }

  #tellSoon(): void {
    if (this.#end.signal.aborted || this.#telling !== undefined) return
    this.#telling = setTimeout(() => {
      this.#telling = undefined
      this.#lease.tell()
      this.#options.onChange()
    }, TELL_MS)
    this.#telling.unref()
  }
}

/** Another process's word on it; what cannot be read says nothing. */
export const statusIn = (line: string): ForwardStatus => {
  try {
    return ForwardStatus.parse(JSON.parse(line))
  } catch {
    return IDLE_STATUS
  }
}

/** Whether only this computer's own programs reach it. */
export const isLoopback = (address: string): boolean =>
  isIP(address) === 4 ? address.startsWith('127.') : /^(?:0*:)*0*:?0*1$/.test(address)
