/** The one run of a new machine in which its installer works. */
import { RemoteError } from '../../../contract/index.ts'
import * as v from '../../../libvirt/generated/constants.ts'
import type { Operation } from '../../driver.ts'
import { waitForDomain } from '../../waiting.ts'
import type { DaemonAccess } from '../daemon-access.ts'

/** Emulated and from a slow mirror it takes hours; whoever has no patience cancels. */
const LONGEST_MS = 24 * 60 * 60_000
const OFF: readonly string[] = ['shutoff', 'crashed']

const ended = (name: string, message: string): RemoteError =>
  new RemoteError({
    kind: 'precondition',
    message: `“${name}” ${message}`,
    hint: 'Its screen or its serial line told why.',
  })

/** An installer that is done switches its machine off; anything else that ends it is a failure. */
export const runInstaller = async (
  connection: DaemonAccess,
  { uuid, xml }: { readonly uuid: string; readonly xml: string },
  { signal }: Operation,
): Promise<void> => {
  const ref = await connection.writable().domain.createXml(xml)
  await connection.refresh(ref)
  const late = () => new RemoteError({ kind: 'timeout', message: `“${ref.name}” was installing for a day.` })
  const wait = { deadlineMs: LONGEST_MS, signal, late }
  await waitForDomain(connection, uuid, one => one === undefined || OFF.includes(one.state), wait)
  if (connection.domains.get(uuid) === undefined) throw ended(ref.name, 'was deleted while its installer worked.')
  const { state, reason } = await connection.daemon().domain.getState(ref)
  if (state !== v.VIR_DOMAIN_SHUTOFF || reason !== v.VIR_DOMAIN_SHUTOFF_SHUTDOWN)
    throw ended(ref.name, 'was stopped before its installer was done.')
}
