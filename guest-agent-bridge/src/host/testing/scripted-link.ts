/** A machine with scripted agents at its channels, for tests. */
import type { Duplex } from 'node:stream'
import { RemoteError } from '@vireo/app-main/contract'
import type { GuestLink } from '../guest-agent.ts'

/** A link whose channels lead to these streams; `connected` is true unless told. */
export const linkTo = (
  channels: Readonly<Record<string, { open: () => Duplex | Promise<Duplex>; connected?: boolean | null }>>,
): GuestLink => ({
  channels: async () => Object.entries(channels).map(([name, { connected = true }]) => ({ name, connected })),
  open: async name => {
    const channel = channels[name]
    if (!channel) throw new RemoteError({ kind: 'not-found', message: `no channel ${name}` })
    return channel.open()
  },
  agentCommand: async () => {
    throw new RemoteError({ kind: 'unsupported', message: 'no qemu-ga here' })
  },
})
