/** Ports of this computer that lead into a new machine on a network. */
import { RemoteError, type DomainId } from '../../contract/index.ts'
import type { Operation } from '../../hypervisor/driver.ts'
import type { ForwardDesk } from '../forward/forward-desk.ts'
import type { LedPort } from './decide-nics.ts'
import type { UndoStack } from './undo-stack.ts'

export type PortDesk = Pick<ForwardDesk, 'check' | 'add' | 'remove'>

const HERE = '127.0.0.1'

/** Rejects where a port is not free, before anything is made. */
export const checkPorts = async (desk: PortDesk, led: readonly LedPort[]): Promise<void> => {
  for (const { port } of led) await desk.check({ address: HERE, port })
}

const gone = (error: unknown): boolean => error instanceof RemoteError && error.detail.kind === 'not-found'

/** For programs of this computer only; others are let in by hand. */
export const leadPorts = async (
  desk: PortDesk,
  id: DomainId,
  led: readonly LedPort[],
  undo: UndoStack,
  { signal, progress }: Operation,
): Promise<void> => {
  if (led.length > 0) progress('Forwarding ports')
  for (const { port, guestPort, guestAddress } of led) {
    signal.throwIfAborted()
    const forward = await desk.add({ id, address: HERE, port, guestPort, guestAddress }, signal)
    undo.push(`the forward of port ${port}`, async () => {
      await desk.remove(forward.id).catch((error: unknown) => {
        if (!gone(error)) throw error
      })
    })
  }
}
