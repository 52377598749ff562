/** How the service gets at agents: the connection's ways into a machine, and the bridge's look at them. */
import { RemoteError } from '../../contract/index.ts'
import type { GuestLink } from '@vireo/guest-agent-bridge/host'
import type { Found } from '../connection/connection-set.ts'
import type { Discovered } from './conversation.ts'

const missing = (what: string): RemoteError =>
  new RemoteError({ kind: 'unsupported', message: `${what} is not part of this version.` })

export const linkTo = (_found: Found): GuestLink => {
  throw missing('The way to guest agents')
}

export const discover = (_link: GuestLink): Promise<Discovered> => Promise.reject(missing('Looking for guest agents'))
