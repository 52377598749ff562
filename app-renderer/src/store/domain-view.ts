/** Which machines the list shows and in which order; pure. */
import type { DomainId, DomainState, DomainSummary } from '@vireo/app-main/contract'
import type { Domains } from './domain-change.ts'

export type Filter = 'all' | 'running' | 'off' | 'attention'
export const FILTERS: readonly Filter[] = ['all', 'running', 'off', 'attention']

export type SortKey = 'name' | 'os' | 'cpu' | 'memory' | 'disk' | 'address' | 'host'
export interface Sort {
  readonly key: SortKey
  readonly descending: boolean
}

const RUNNING: ReadonlySet<DomainState> = new Set(['running', 'paused', 'shutting-down', 'suspended'])
const OFF: ReadonlySet<DomainState> = new Set(['shutoff', 'saved'])

export const needsAttention = (domain: DomainSummary): boolean =>
  domain.state === 'crashed' || domain.state === 'unknown' || (domain.state === 'paused' && domain.reason !== null)

export const passes = (domain: DomainSummary, filter: Filter): boolean => {
  switch (filter) {
    case 'all':
      return true
    case 'running':
      return RUNNING.has(domain.state)
    case 'off':
      return OFF.has(domain.state)
    case 'attention':
      return needsAttention(domain)
  }
}

export const countByFilter = (domains: Domains): Readonly<Record<Filter, number>> => {
  const counts = { all: 0, running: 0, off: 0, attention: 0 }
  for (const domain of domains.values()) for (const filter of FILTERS) if (passes(domain, filter)) counts[filter]++
  return counts
}

/** Every word of the query must occur in the name, title, system or an address; `inside` is what the guest tells of these. */
export const matches = (domain: DomainSummary, query: string, inside: readonly string[] = []): boolean => {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return true
  const text = [domain.name, domain.title, domain.guestOs, ...domain.addresses.map(address => address.ip), ...inside]
    .join('\n')
    .toLowerCase()
  return words.every(word => text.includes(word))
}

/** What sorting needs to know beyond the machine itself; null sorts last. */
export interface Measures {
  cpu(id: DomainId): number | null
  memory(id: DomainId): number | null
  /** How full the fullest filesystem is, 0 to 1. */
  disk(id: DomainId): number | null
  os(domain: DomainSummary): string | null
  address(domain: DomainSummary): string | null
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })

type Value = string | number | null

const valueOf = (domain: DomainSummary, key: SortKey, measures: Measures): Value => {
  switch (key) {
    case 'name':
      return domain.name
    case 'os':
      return measures.os(domain)
    case 'cpu':
      return measures.cpu(domain.id)
    case 'memory':
      return measures.memory(domain.id) ?? domain.memoryBytes
    case 'disk':
      return measures.disk(domain.id)
    case 'address':
      return measures.address(domain)
    case 'host':
      return domain.connection
  }
}

const compare = (a: Value, b: Value, turn: 1 | -1): number => {
  if (a === b) return 0
  // What is not known stands last in both directions.
  if (a === null) return 1
  if (b === null) return -1
  return turn * (typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b)))
}

/** Equal ones by name, then by id, so that rows never swap on their own. */
export const sortDomains = (domains: Domains, sort: Sort, measures: Measures): readonly DomainSummary[] => {
  const turn = sort.descending ? -1 : 1
  return [...domains.values()]
    .map(domain => ({ domain, value: valueOf(domain, sort.key, measures) }))
    .sort(
      (a, b) =>
        compare(a.value, b.value, turn) ||
        collator.compare(a.domain.name, b.domain.name) ||
        (a.domain.id < b.domain.id ? -1 : 1),
    )
    .map(({ domain }) => domain)
}

/** Keeps the order. */
export const filterDomains = (
  domains: readonly DomainSummary[],
  filter: Filter,
  query: string,
  inside: (domain: DomainSummary) => readonly string[] = () => [],
): readonly DomainSummary[] =>
  domains.filter(domain => passes(domain, filter) && matches(domain, query, query === '' ? [] : inside(domain)))
