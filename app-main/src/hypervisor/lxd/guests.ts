/** LXD's machines have no channels; LXD itself reaches into them. */
import { RemoteError } from '../../contract/index.ts'
import { Emitter } from '../../base/emitter.ts'
import type { DomainKey, Guests } from '../driver.ts'
import { checkChannelName } from '../guest-channel.ts'
import type { DaemonAccess } from './daemon-access.ts'
import { NO_CHANNEL } from './features.ts'
import { lxdInside } from './inside.ts'
import { typed } from './typed.ts'

export const lxdGuests = (connection: DaemonAccess): Guests => {
  const none = (key: DomainKey) =>
    typed(async () => {
      connection.instance(key)
      throw new RemoteError({ kind: 'unsupported', message: NO_CHANNEL })
    })
  const named = (key: DomainKey, name: string) =>
    typed(async () => {
      checkChannelName(name)
      return none(key)
    })
  return {
    inside: lxdInside(connection),
    // Nothing ever comes or goes.
    onGuestAgent: new Emitter<DomainKey>().event,
    channels: key =>
      typed(async () => {
        connection.instance(key)
        return []
      }),
    open: none,
    agentCommand: none,
    attachChannel: named,
    detachChannel: named,
  }
}
