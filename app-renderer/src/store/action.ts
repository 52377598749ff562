/** What can be done with a machine now, and why not; pure. */
import type { Connection, ConnectionUri, DomainSummary, EntryDescription, Feature } from '@vireo/app-main/contract'

export type Hindrance =
  /** The server behind the window is gone: nobody would hear the request. */
  | { readonly kind: 'offline' }
  /** The connection was there and is no more. */
  | { readonly kind: 'lost'; readonly uri: ConnectionUri }
  /** The connection is not ready yet. */
  | { readonly kind: 'stale' }
  /** Looking only: somebody has to unlock the connection first. */
  | { readonly kind: 'locked' }
  /** Makes sense in these states only. */
  | { readonly kind: 'state'; readonly states: readonly string[] }
  /** This hypervisor cannot, and says why. */
  | { readonly kind: 'feature'; readonly reason: string }

const NEEDS: Readonly<Record<string, Feature>> = {
  start: 'lifecycle',
  shutdown: 'lifecycle',
  destroy: 'lifecycle',
  reboot: 'lifecycle',
  reset: 'lifecycle',
  suspend: 'suspend',
  resume: 'suspend',
  save: 'managed-save',
  discardSave: 'managed-save',
  autostart: 'autostart',
  // Not by what a definition is: that of some is none of libvirt's.
  undefine: 'lifecycle',
  screenshot: 'screenshot',
  screen: 'screen',
  openViewer: 'screen',
  serial: 'serial',
}

/** Entries that appear in a machine's menus, in the contract's order. */
export const domainEntries = (entries: readonly EntryDescription[]): readonly EntryDescription[] =>
  entries.filter(entry => entry.target === 'domain' && entry.title !== undefined)

/** Null when the entry can be used on this machine now. */
export const hindranceOf = (
  entry: EntryDescription,
  domain: DomainSummary,
  connection: Connection | undefined,
  online: boolean,
): Hindrance | null => {
  if (!online) return { kind: 'offline' }
  if (domain.stale || connection?.state === 'lost') return { kind: 'lost', uri: domain.connection }
  if (connection?.state !== 'ready') return { kind: 'stale' }
  const need = NEEDS[entry.name]
  const reason = need ? connection.features[need] : undefined
  if (reason) return { kind: 'feature', reason }
  if (entry.when && !entry.when.includes(domain.state)) return { kind: 'state', states: entry.when }
  if (connection.readOnly && entry.effect !== 'read') return { kind: 'locked' }
  return null
}
