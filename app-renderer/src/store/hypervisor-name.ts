/** What runs a machine, in its product's name, and which machines are of one product; pure. */
import type { DomainSummary, HypervisorKind } from '@vireo/app-main/contract'
import type { Domains } from './domain-change.ts'

/** Product names are the same in every language. */
const NAMES: Readonly<Record<HypervisorKind, string>> = {
  kvm: 'KVM',
  lxd: 'LXD',
  virtualbox: 'VirtualBox',
  podman: 'Podman',
  test: 'Test',
  other: 'libvirt',
}

export const hypervisorName = ({ kind, connection }: Pick<DomainSummary, 'kind' | 'connection'>): string =>
  // The same driver serves both.
  kind === 'lxd' && connection.startsWith('incus:') ? 'Incus' : NAMES[kind]

/** The products whose machines there are, with how many; by name. */
export const countByHypervisor = (domains: Domains): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const domain of domains.values()) {
    const name = hypervisorName(domain)
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return new Map([...counts].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** The choice as far as it means anything: a product that has no machine (any more) hides nobody. */
export const knownHypervisor = (counts: ReadonlyMap<string, number>, wanted: string | null): string | null =>
  wanted !== null && counts.size > 1 && counts.has(wanted) ? wanted : null

/** Only this product's machines; all for null. */
export const ofHypervisor = (domains: Domains, name: string | null): Domains =>
  name === null ? domains : new Map([...domains].filter(([, domain]) => hypervisorName(domain) === name))
