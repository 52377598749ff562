/** Forwards that libvirt keeps itself: passt listens for as long as the machine runs, whether a Vireo runs or not. */
import { withDeadline } from '../../base/deadline.ts'
import {
  RemoteError,
  splitDomainId,
  type ForwardRule,
  type ForwardState,
  type ForwardStatus,
} from '../../contract/index.ts'
import type { DomainKey } from '../../hypervisor/driver.ts'
import type { PortForward, PortForwards } from '../../hypervisor/port-forwards.ts'
import type { ConnectionSet, Found } from '../connection/connection-set.ts'
import { IDLE_STATUS } from './forwarder.ts'

const ASK_MS = 4000
const OFF = ['shutoff', 'saved', 'crashed']

const same = (a: PortForward, b: PortForward): boolean =>
  a.address === b.address && a.port === b.port && a.guestPort === b.guestPort

/** Whether this computer reaches a machine only through what its hypervisor lets in. */
export const isHidden = (interfaces: readonly { readonly type: string }[]): boolean =>
  interfaces.length > 0 && interfaces.every(({ type }) => type === 'user')

/** The way into a machine behind QEMU's own network. Throws `unsupported` with why there is none. */
export const passtOf = ({ connection, summary }: Pick<Found, 'connection' | 'summary'>): PortForwards => {
  const { portForwards } = connection
  if (portForwards && portForwards.refusal === null) return portForwards
  throw new RemoteError({
    kind: 'unsupported',
    message: `“${summary.name}” hides behind QEMU's own network, into which Vireo cannot reach.${
      portForwards?.refusal ? ` ${portForwards.refusal}` : ''
    }`,
    hint: 'Plug it into a network such as “default”.',
  })
}

/** How it goes, as the machine's definition and the machine itself tell. Never rejects. */
export const passtStatus = async (connections: ConnectionSet, rule: ForwardRule): Promise<ForwardStatus> => {
  const told = (state: ForwardState, reason: string | null): ForwardStatus => ({ ...IDLE_STATUS, state, reason })
  try {
    const deadline = { ms: ASK_MS, what: `Asking about forward ${rule.id}` }
    return await withDeadline(deadline, async signal => {
      const { connection, key, summary } = await connections.domain(rule.domain, signal)
      const { name } = summary
      if (OFF.includes(summary.state)) return told('off', `“${name}” does not run: the port opens when it starts.`)
      if (await has(connection.portForwards, key, rule)) return told('listening', null)
      return told('after-restart', `The port opens when “${name}” is shut down and started again.`)
    })
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error
    const { kind, message } = error.detail
    const gone = kind === 'not-found' && connections.has(splitDomainId(rule.domain).uri)
    return told(gone ? 'gone' : 'unreachable', message)
  }
}

const has = async (forwards: PortForwards | undefined, key: DomainKey, rule: ForwardRule): Promise<boolean> =>
  (await forwards?.list(key))?.some(one => same(one, rule)) ?? false

/** Takes it out of the definition; a machine that is gone has none. */
export const removePasst = async (connections: ConnectionSet, rule: ForwardRule): Promise<void> => {
  try {
    const { connection, key } = await connections.domain(rule.domain)
    await connection.portForwards?.remove(key, rule)
  } catch (error) {
    // A connection that this process does not have may well have the machine.
    const isKnown = connections.has(splitDomainId(rule.domain).uri)
    if (!isKnown || !(error instanceof RemoteError) || error.detail.kind !== 'not-found') throw error
  }
}
