/** What connections tell of this computer's daemons: one that ends or stalls leaves its socket behind, and no file changes. */
import type { ConnectionState, ConnectionUri } from '../../contract/index.ts'

interface Followed {
  readonly uri: ConnectionUri
  readonly status: { readonly state: ConnectionState }
}

/** Those of other computers say nothing about this one. */
const HERE = /^(?:qemu|lxd|incus):\/\/\//

/** To be called whenever a connection changed; `tell` is called when one was lost or came back, not for each attempt. */
export const daemonNews = (all: () => readonly Followed[], tell: () => void): (() => void) => {
  let before = new Map<string, boolean>()
  return () => {
    const here = all().filter(({ uri }) => HERE.test(uri))
    const now = new Map(here.map(({ uri, status }) => [uri, status.state === 'ready'] as const))
    const changed = [...now].some(([uri, ready]) => before.has(uri) && before.get(uri) !== ready)
    before = now
    if (changed) tell()
  }
}
