/** Starting, stopping and what is between. Every operation resolves when the inventory shows its result. */
import { RemoteError, type DomainState } from '../../contract/index.ts'
import type { DomainKey, Lifecycle, Operation } from '../driver.ts'
import { waitForDomain } from '../waiting.ts'
import type { DaemonAccess } from './daemon-access.ts'
import { NO_PAUSED_START, NO_SAVE } from './features.ts'
import { begin, seen, type Action, type Step } from './step.ts'
import { typed } from './typed.ts'

interface StateChange {
  readonly action: 'start' | 'stop' | 'restart' | 'freeze' | 'unfreeze'
  readonly force?: boolean
  readonly stateful?: boolean
  /** Seconds that the guest has; -1: as long as it takes. */
  readonly timeout?: number
}

/** What is forced is done at once; storage may still be slow. */
const FORCED_S = 60

const statePath = ({ client, instance }: Step): string => client.path(['instances', instance.name, 'state'])

const apply = (step: Step, change: StateChange, operation: Operation): Promise<unknown> =>
  step.client.change('PUT', statePath(step), { timeout: FORCED_S, ...change }, { signal: operation.signal })

export const lxdLifecycle = (connection: DaemonAccess): Lifecycle => {
  const simple =
    (action: Action, states: readonly DomainState[], change: (step: Step) => StateChange) =>
    (key: DomainKey, operation: Operation): Promise<void> =>
      typed(async () => {
        const step = begin(connection, key, action)
        await apply(step, change(step), operation)
        await seen(connection, step, states, operation.signal)
      })
  const never = (action: Action, why: string) => (key: DomainKey) =>
    typed(async () => {
      begin(connection, key, action)
      throw new RemoteError({ kind: 'unsupported', message: why })
    })
  return {
    start: (key, { paused }, operation) =>
      typed(async () => {
        const step = begin(connection, key, 'start')
        if (paused) throw new RemoteError({ kind: 'unsupported', message: NO_PAUSED_START })
        operation.progress(step.instance.stateful ? 'Restoring its memory' : 'Starting')
        await apply(step, { action: 'start', stateful: step.instance.stateful }, operation)
        // It may have ended as soon as it began.
        await seen(connection, step, ['running', 'paused', 'shutoff'], operation.signal)
      }),

    shutdown: (key, { timeoutSeconds }, operation) =>
      typed(() => shutdown(connection, begin(connection, key, 'shutdown'), timeoutSeconds, operation)),

    destroy: simple('destroy', ['shutoff', 'saved'], () => ({ action: 'stop', force: true })),

    reboot: (key, operation) =>
      typed(async () => {
        const step = begin(connection, key, 'reboot')
        operation.progress('Asked it to restart')
        await apply(step, { action: 'restart', timeout: REBOOT_S }, operation).catch((error: unknown) => {
          throw late(error, step, `did not restart within ${REBOOT_S} seconds`)
        })
        await seen(connection, step, ['running', 'shutoff'], operation.signal)
      }),

    reset: simple('reset', ['running'], () => ({ action: 'restart', force: true })),

    suspend: simple('suspend', ['paused'], () => ({ action: 'freeze' })),

    resume: simple('resume', ['running'], () => ({ action: 'unfreeze' })),

    save: never('save', NO_SAVE),

    discardSave: never('discardSave', NO_SAVE),

    autostart: (key, enabled) =>
      typed(async () => {
        const { name } = connection.instance(key)
        const client = connection.client()
        const config = { 'boot.autostart': String(enabled) }
        await client.change('PATCH', client.path(['instances', name]), { config })
        connection.inventory.touch(name)
        await connection.inventory.refresh()
      }),
  }
}

const REBOOT_S = 60
const LATE_HINT = 'Force it off, or wait: it may still be busy shutting down.'

/** A daemon's words for a guest that did not do as it was asked. */
const late = (error: unknown, { summary }: Step, what: string): unknown => {
  const message = error instanceof RemoteError ? error.detail.message : ''
  if (!/deadline exceeded|timed? ?out|shutting down the (?:container|instance) failed/i.test(message)) return error
  return new RemoteError({ kind: 'timeout', message: `“${summary.name}” ${what}.`, hint: LATE_HINT }, { cause: error })
}

/** Whoever gives up only stops waiting: the daemon goes on asking the guest until the time is over, and forces nothing. */
const shutdown = async (
  connection: DaemonAccess,
  step: Step,
  timeoutSeconds: number,
  operation: Operation,
): Promise<void> => {
  const { key, client, summary } = step
  operation.progress('Asked it to shut down')
  const change = { action: 'stop', force: false, timeout: timeoutSeconds }
  const asked = await client.begin('PUT', statePath(step), change, operation.signal)
  const failed = new AbortController()
  if (asked !== null)
    client.wait(asked, { signal: operation.signal }).catch((error: unknown) =>
      // The daemon's own deadline is ours: the wait below says so.
      late(error, step, '') === error ? failed.abort(error) : undefined,
    )
  operation.progress('Waiting for it to go off')
  await waitForDomain(connection, key, one => one === undefined || one.state === 'shutoff', {
    deadlineMs: timeoutSeconds * 1000,
    signal: AbortSignal.any([operation.signal, failed.signal]),
    late: () =>
      new RemoteError({
        kind: 'timeout',
        message: `“${summary.name}” did not shut down within ${timeoutSeconds} seconds.`,
        hint: LATE_HINT,
      }),
  })
}
