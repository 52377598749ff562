/** What an event does to the known machines; pure. */
import type { ConnectionUri, DomainId, DomainSummary } from '@vireo/app-main/contract'

export type Domains = ReadonlyMap<DomainId, DomainSummary>

export interface DomainsChange {
  readonly connection: ConnectionUri
  /** Forget what is not in `changed`. */
  readonly full: boolean
  readonly changed: readonly DomainSummary[]
  readonly removed: readonly DomainId[]
}

const sameAddresses = (a: DomainSummary, b: DomainSummary): boolean =>
  a.addresses.length === b.addresses.length &&
  a.addresses.every((address, at) => {
    const other = b.addresses[at]
    return (
      other !== undefined && other.ip === address.ip && other.source === address.source && other.mac === address.mac
    )
  })

/** Whether two records say the same, so that the older object can be kept and its row need not paint. */
export const sameDomain = (a: DomainSummary, b: DomainSummary): boolean => {
  const keys = Object.keys(b) as (keyof DomainSummary)[]
  return (
    keys.length === Object.keys(a).length &&
    keys.every(key => (key === 'addresses' ? sameAddresses(a, b) : a[key] === b[key]))
  )
}

/** Applies a batch in order; gives the same map when nothing changed. */
export const applyChanges = (domains: Domains, changes: readonly DomainsChange[]): Domains => {
  const next = new Map(domains)
  let touched = false
  const remove = (id: DomainId): void => {
    if (next.delete(id)) touched = true
  }
  for (const change of changes) {
    if (change.full) {
      const kept = new Set(change.changed.map(domain => domain.id))
      for (const domain of next.values())
        if (domain.connection === change.connection && !kept.has(domain.id)) remove(domain.id)
    }
    for (const id of change.removed) remove(id)
    for (const domain of change.changed) {
      const known = next.get(domain.id)
      if (known && sameDomain(known, domain)) continue
      next.set(domain.id, domain)
      touched = true
    }
  }
  return touched ? next : domains
}

/** The answer of a list, as changes: machines of connections that it no longer names go too. */
export const replaceAll = (domains: Domains, list: readonly DomainSummary[]): Domains => {
  const next = new Map<DomainId, DomainSummary>()
  for (const domain of list) {
    const known = domains.get(domain.id)
    next.set(domain.id, known && sameDomain(known, domain) ? known : domain)
  }
  return next
}
