/** How the service gets at agents: the connection's ways into a machine, and the languages that may be spoken there. */
import { RemoteError } from '../../contract/index.ts'
import {
  type Asking,
  type DirectWay,
  type Discovered,
  discoverOnce,
  kvmManagerDialect,
  openDirect,
  qemuGaDialect,
  quantixDialect,
  vireoDialect,
  type Dialect,
  type GuestLink,
} from '@vireo/guest-agent-bridge/host'
import type { Found } from '../connection/connection-set.ts'
import type { Discover } from './conversation.ts'

/** Best first. */
const DIALECTS: readonly Dialect[] = [vireoDialect, qemuGaDialect, kvmManagerDialect, quantixDialect]
/** A little less than a session waits, so that what was found by then is told. */
const DEADLINE_MS = 12_000

export const linkTo = (found: Found): GuestLink => {
  const { guest } = found.connection
  const { key } = found
  const direct = directWay(found)
  return {
    channels: () => guest.channels(key),
    open: name => guest.open(key, name),
    agentCommand: (command, timeoutSeconds) => guest.agentCommand(key, command, timeoutSeconds),
    ...(direct && { direct }),
  }
}

const directWay = ({ connection: { guest }, key }: Found): DirectWay | undefined => {
  const { inside } = guest
  if (inside === undefined) return undefined
  return {
    dialect: 'lxd',
    run: (command, input, { signal }) => inside.run(key, command, input, signal),
    read: (path, { signal }) => inside.readFile(key, path, signal),
    fill: (path, content, { signal }) => inside.fillFile(key, path, content, signal),
  }
}

export const discover: Discover = (link, asking) =>
  link.direct === undefined
    ? discoverOnce(link, { dialects: DIALECTS, signal: asking.signal, deadlineMs: DEADLINE_MS })
    : discoverDirect(link.direct, asking)

const discoverDirect = async (way: DirectWay, asking: Asking): Promise<Discovered> => {
  const state = { dialect: way.dialect, version: null } as const
  try {
    const agent = await openDirect(way, asking)
    return {
      agents: [{ ...state, state: 'answering', reason: null, features: agent.features }],
      answering: [agent],
      gone: [],
    }
  } catch (error) {
    if (!(error instanceof RemoteError) || asking.signal.aborted) throw error
    return {
      agents: [{ ...state, state: 'silent', reason: error.detail.message, features: {} }],
      answering: [],
      gone: [],
    }
  }
}
