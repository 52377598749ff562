import { disposable, type Disposable } from '../base/disposable.ts'
import { ConnectionError } from './errors.ts'
import type { Rpc } from './rpc.ts'

export interface KeepaliveOptions {
  /** Silence before a ping, milliseconds. */
  readonly intervalMs: number
  /** Pings without any answer after which the daemon counts as gone. */
  readonly count: number
}

/** A daemon that stopped is noticed after 8 to 12 seconds while it is asked for anything. */
export const DEFAULT_KEEPALIVE: KeepaliveOptions = { intervalMs: 4000, count: 1 }

/** After this long without a call nobody waits for news of the daemon's health, milliseconds. */
const REST_AFTER_MS = 20_000
/** Silence before a ping then: a program at rest should sleep. */
const REST_MS = 60_000

/**
 * Pings a silent daemon and closes the connection as `not-responding` when it stays silent. A daemon that has not been
 * asked for anything for a while is pinged rarely, until the next call.
 */
export const keepAlive = (
  rpc: Pick<Rpc, 'silentMs' | 'unaskedMs' | 'ping' | 'close' | 'onClose' | 'onBusy'>,
  options: KeepaliveOptions,
): Disposable => {
  let unanswered = 0
  let pingedAt = 0
  let timer: NodeJS.Timeout | undefined
  const pause = () => (unanswered === 0 && rpc.unaskedMs >= REST_AFTER_MS ? REST_MS : options.intervalMs)
  const plan = (ms: number) => {
    clearTimeout(timer)
    timer = setTimeout(look, ms).unref()
  }
  const look = () => {
    // An answer comes within a millisecond, and a timer may be later than that: silence alone, measured from one tick
    // to the next, would count a ping as unanswered.
    if (rpc.silentMs < performance.now() - pingedAt) unanswered = 0
    if (rpc.silentMs >= pause()) {
      if (unanswered >= options.count) {
        rpc.close(new ConnectionError('not-responding', 'The daemon has stopped answering.'))
        return
      }
      unanswered++
      pingedAt = performance.now()
      rpc.ping()
    }
    plan(pause())
  }
  plan(options.intervalMs)
  rpc.onBusy = () => {
    if (pause() === REST_MS) plan(options.intervalMs)
  }
  const stop = disposable(() => {
    clearTimeout(timer)
    rpc.onBusy = undefined
  })
  rpc.onClose(() => stop.dispose())
  return stop
}
