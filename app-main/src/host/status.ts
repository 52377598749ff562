/** One status from all facts. */
import type { BootProbe, HostStatus, Hypervisor, HypervisorName } from '../contract/index.ts'
import { engineCard } from './engine-card.ts'
import type { HostFacts } from './facts/read-all.ts'
import { kvmCard } from './kvm/card.ts'
import { lxdCard } from './lxd/card.ts'
import { virtualBoxCard } from './virtualbox/card.ts'

/** What came later than the rest. */
export interface SlowFacts {
  readonly probe: BootProbe | null
  readonly versions: Readonly<Partial<Record<HypervisorName, string | null>>>
}

export const NOTHING_SLOW: SlowFacts = { probe: null, versions: {} }

/** Where new machines go by themselves: real machines first, whatever runs them. */
const PREFERRED: readonly HypervisorName[] = ['kvm', 'lxd', 'virtualbox', 'podman', 'docker']
const USABLE: readonly Hypervisor['state'][] = ['ready', 'not_working', 'emulation_only']

/** @param probing slow probes are still under way */
export const statusOf = (facts: HostFacts, slow: SlowFacts, probing: boolean, milliseconds: number): HostStatus => {
  const hypervisors = {
    kvm: kvmCard(facts, slow.probe, probing),
    lxd: { ...lxdCard(facts), probing: probing && !facts.final },
    virtualbox: virtualBoxCard(facts, slow.versions.virtualbox ?? null),
    podman: engineCard(facts, facts.podman, slow.versions.podman ?? null),
    docker: engineCard(facts, facts.docker, slow.versions.docker ?? null),
  }
  return {
    platform: facts.platform,
    distribution: facts.distribution.name,
    kernel: facts.kernel,
    hypervisors,
    default_hypervisor: PREFERRED.find(name => USABLE.includes(hypervisors[name].state)) ?? null,
    detection_ms: Math.round(milliseconds),
  }
}
