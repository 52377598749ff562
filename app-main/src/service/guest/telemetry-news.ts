/** Whether somebody may answer in a machine in which nobody did: told by the hypervisor, so that nobody has to ask again and again. */
import { DisposableStore } from '../../base/disposable.ts'
import type { DomainId } from '../../contract/index.ts'
import type { ConnectionSet } from '../connection/connection-set.ts'

/**
 * Resolves when a channel of the machine came, went, or was opened or closed in the guest, when its state or its connection's
 * changed, or when the signal aborts. Rejects with `not-found`.
 */
export const telemetryNews =
  (connections: ConnectionSet) =>
  async (id: DomainId, signal: AbortSignal): Promise<void> => {
    const { connection, key, summary } = await connections.domain(id, signal)
    const owned = new DisposableStore()
    const readOnly = connection.status.readOnly
    try {
      await new Promise<void>(resolve => {
        const over = () => resolve()
        if (signal.aborted) return over()
        signal.addEventListener('abort', over)
        owned.add({ dispose: () => signal.removeEventListener('abort', over) })
        owned.add(connection.guest.onGuestAgent(changed => (changed === key ? over() : undefined)))
        owned.add(
          connection.onDomains(({ changed }) => {
            const mine = changed.find(one => one.id === id)
            if (mine && mine.state !== summary.state) over()
          }),
        )
        owned.add(
          connection.onStatus(status => {
            if (status.state === 'ready' && status.readOnly !== readOnly) over()
          }),
        )
      })
    } finally {
      owned.dispose()
    }
  }
