/** Starting, stopping and what is between. Every operation resolves when the inventory shows its result. */
import type { DomainState } from '../../contract/index.ts'
import * as v from '../../libvirt/generated/constants.ts'
import type { DomainKey, Lifecycle, Operation } from '../driver.ts'
import type { DaemonAccess } from './daemon-access.ts'
import { retryPortCollision } from './port-collision.ts'
import { save } from './save.ts'
import { shutdown } from './shutdown.ts'
import { begin, seen, type Action, type Step } from './step.ts'
import { typed } from './typed.ts'

export const kvmLifecycle = (connection: DaemonAccess): Lifecycle => {
  const simple =
    (action: Action, states: readonly DomainState[], act: (step: Step) => Promise<unknown>) =>
    (key: DomainKey, operation: Operation): Promise<void> =>
      typed(async () => {
        const step = begin(connection, key, action)
        await act(step)
        await seen(connection, step, states, operation.signal)
      })
  return {
    async start(key, { paused }, operation) {
      const saved = connection.domains.get(key)?.state === 'saved'
      operation.progress(saved ? 'Restoring its memory' : 'Starting')
      const flags = paused ? v.VIR_DOMAIN_START_PAUSED : 0
      await simple('start', paused ? ['paused'] : ['running', 'paused', 'shutoff', 'crashed'], async ({ ref }) => {
        const side = await connection.side()
        // Starting cannot be called back half way; giving up only stops the waiting.
        const { signal } = operation
        await retryPortCollision(() => side.domain.createWithFlags(ref, flags, { signal }), signal)
      })(key, operation)
    },

    shutdown: (key, options, operation) => typed(() => shutdown(connection, key, options, operation)),

    destroy: simple('destroy', ['shutoff', 'crashed', 'saved'], async ({ daemon, ref }) =>
      daemon.domain.destroyFlags(ref, 0, { deadlineMs: 60_000 }),
    ),

    reboot: simple('reboot', ['running', 'paused', 'shutoff'], ({ daemon, ref }) => daemon.domain.reboot(ref)),

    reset: simple('reset', ['running', 'paused', 'crashed'], ({ daemon, ref }) => daemon.domain.reset(ref)),

    suspend: simple('suspend', ['paused'], ({ daemon, ref }) => daemon.domain.suspend(ref)),

    resume: simple('resume', ['running'], ({ daemon, ref, summary }) =>
      summary.state === 'suspended' ? daemon.domain.pmWakeup(ref) : daemon.domain.resume(ref),
    ),

    save: (key, operation) => typed(() => save(connection, key, operation)),

    discardSave: simple('discardSave', ['shutoff', 'crashed'], ({ daemon, ref }) =>
      daemon.domain.managedSaveRemove(ref),
    ),

    autostart: (key, enabled) =>
      typed(async () => {
        const ref = connection.ref(key)
        await connection.writable().domain.setAutostart(ref, enabled)
        await connection.refresh(ref)
      }),
  }
}
