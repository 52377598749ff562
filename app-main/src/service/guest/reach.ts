/** How the service gets at agents: the connection's ways into a machine, and the languages that may be spoken there. */
import {
  discoverOnce,
  kvmManagerDialect,
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

export const linkTo = ({ connection: { guest }, key }: Found): GuestLink => ({
  channels: () => guest.channels(key),
  open: name => guest.open(key, name),
  agentCommand: (command, timeoutSeconds) => guest.agentCommand(key, command, timeoutSeconds),
})

export const discover: Discover = (link, { signal }) =>
  discoverOnce(link, { dialects: DIALECTS, signal, deadlineMs: DEADLINE_MS })
