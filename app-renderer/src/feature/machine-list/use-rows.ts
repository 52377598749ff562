/** The machines that the list shows, in order, kept while nothing that matters changed. */
import type { DomainId, DomainSummary } from '@vireo/app-main/contract'
import { useMemo } from 'react'
import { useStore } from 'zustand'
import { filterDomains, type Measures, sortDomains } from '../../store/domain-view.ts'
import { useStores, useUi } from '../../store/hooks.ts'
import type { StatsState } from '../../store/stats.ts'

const NOTHING: StatsState['byId'] = new Map()

const measuresOf = (stats: StatsState['byId']): Measures => ({
  cpu: (id: DomainId) => stats.get(id)?.rates.at(-1)?.cpu ?? null,
  memory: (id: DomainId) => stats.get(id)?.rates.at(-1)?.memoryUsedBytes ?? null,
})

export const useRows = (): readonly DomainSummary[] => {
  const { domains, stats } = useStores()
  const byId = useStore(domains.state, state => state.byId)
  const filter = useUi(state => state.filter)
  const query = useUi(state => state.query)
  const sort = useUi(state => state.sort)
  const measured = sort.key === 'cpu' || sort.key === 'memory'
  // Sorting by figures follows the figures; sorting by names must not run every two seconds.
  const figures = useStore(stats.state, state => (measured ? state.byId : NOTHING))
  // Apart, because a letter in the search changes neither the machines nor their order.
  const sorted = useMemo(() => sortDomains(byId, sort, measuresOf(figures)), [byId, sort, figures])
  return useMemo(() => filterDomains(sorted, filter, query), [sorted, filter, query])
}
