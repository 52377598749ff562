/** The machines that the list shows, in order, kept while nothing that matters changed. */
import type { DomainId, DomainSummary } from '@vireo/app-main/contract'
import { useMemo } from 'react'
import { useStore } from 'zustand'
import type { Domains } from '../../store/domain-change.ts'
import { filterDomains, type Measures, sortDomains, type SortKey } from '../../store/domain-view.ts'
import { addressesOf, fullestOf, guestMemoryOf, osOf } from '../../store/guest-merge.ts'
import type { GuestRecord } from '../../store/guest-series.ts'
import { useStores, useUi } from '../../store/hooks.ts'
import { countByHypervisor, knownHypervisor, ofHypervisor } from '../../store/hypervisor-name.ts'
import type { StatsState } from '../../store/stats.ts'
import type { TelemetryState } from '../../store/telemetry.ts'

const NO_STATS: StatsState['byId'] = new Map()
const NO_GUESTS: TelemetryState['byId'] = new Map()

/** Columns whose order follows what is measured, and what measures it. */
const BY_STATS: ReadonlySet<SortKey> = new Set(['cpu', 'memory'])
const BY_GUESTS: ReadonlySet<SortKey> = new Set(['memory', 'disk', 'os', 'address'])

const measuresOf = (domains: Domains, stats: StatsState['byId'], guests: TelemetryState['byId']): Measures => {
  const of = <T>(id: DomainId, read: (one: DomainSummary, record: GuestRecord | undefined) => T): T | null => {
    const one = domains.get(id)
    return one ? read(one, guests.get(id)) : null
  }
  return {
    cpu: id => stats.get(id)?.rates.at(-1)?.cpu ?? null,
    memory: id => of(id, guestMemoryOf)?.used ?? stats.get(id)?.rates.at(-1)?.memoryUsedBytes ?? null,
    disk: id => of(id, fullestOf)?.share ?? null,
    os: one => osOf(one, guests.get(one.id)),
    address: one => addressesOf(one, guests.get(one.id))[0] ?? null,
  }
}

export const useRows = (): readonly DomainSummary[] => {
  const { domains, stats, telemetry } = useStores()
  const known = useStore(domains.state, state => state.byId)
  const hypervisor = useUi(state => state.hypervisor)
  const byId = useMemo(
    () => ofHypervisor(known, hypervisor && knownHypervisor(countByHypervisor(known), hypervisor)),
    [known, hypervisor],
  )
  const filter = useUi(state => state.filter)
  const query = useUi(state => state.query)
  const sort = useUi(state => state.sort)
  // Sorting by figures follows the figures; sorting by names must not run every two seconds.
  const figures = useStore(stats.state, state => (BY_STATS.has(sort.key) ? state.byId : NO_STATS))
  const guests = useStore(telemetry.state, state => (BY_GUESTS.has(sort.key) ? state.byId : NO_GUESTS))
  // Apart, because a letter in the search changes neither the machines nor their order.
  const sorted = useMemo(
    () => sortDomains(byId, sort, measuresOf(byId, figures, guests)),
    [byId, sort, figures, guests],
  )
  // A search looks at what guests tell, so that it follows them.
  const told = useStore(telemetry.state, state => (query === '' ? NO_GUESTS : state.byId))
  return useMemo(() => {
    const inside = (domain: DomainSummary): readonly string[] => {
      const record = told.get(domain.id)
      return [osOf(domain, record) ?? '', ...addressesOf(domain, record)]
    }
    return filterDomains(sorted, filter, query, inside)
  }, [sorted, filter, query, told])
}
