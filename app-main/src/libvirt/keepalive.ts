import { disposable, type Disposable } from '../base/disposable.ts'
import { ConnectionError } from './errors.ts'
import type { Rpc } from './rpc.ts'

export interface KeepaliveOptions {
  /** Silence before a ping, milliseconds. */
  readonly intervalMs: number
  /** Pings without any answer after which the daemon counts as gone. */
  readonly count: number
}

/** A daemon that stopped is noticed after 8 to 12 seconds. */
export const DEFAULT_KEEPALIVE: KeepaliveOptions = { intervalMs: 4000, count: 1 }

/** Pings a silent daemon and closes the connection as `not-responding` when it stays silent. */
export const keepAlive = (
  rpc: Pick<Rpc, 'silentMs' | 'ping' | 'close' | 'onClose'>,
  options: KeepaliveOptions,
): Disposable => {
  let unanswered = 0
  let pingedAt = 0
  const timer = setInterval(() => {
    // An answer comes within a millisecond, and a timer may be later than that: silence alone, measured from one tick
    // to the next, would count a ping as unanswered.
    if (rpc.silentMs < performance.now() - pingedAt) unanswered = 0
    if (rpc.silentMs < options.intervalMs) return
    if (unanswered >= options.count) {
      rpc.close(new ConnectionError('not-responding', 'The daemon has stopped answering.'))
      return
    }
    unanswered++
    pingedAt = performance.now()
    rpc.ping()
  }, options.intervalMs)
  timer.unref()
  const stop = disposable(() => clearInterval(timer))
  rpc.onClose(() => stop.dispose())
  return stop
}
