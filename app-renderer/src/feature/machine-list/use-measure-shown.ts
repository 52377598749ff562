import type { DomainId, DomainSummary } from '@vireo/app-main/contract'
import { useEffect } from 'react'
import { useConnections, useStores } from '../../store/hooks.ts'
import { LIST_PERIOD } from '../../store/stats.ts'
import type { ColumnKey, ColumnSpec } from './columns.ts'

const BY_HYPERVISOR: ReadonlySet<ColumnKey> = new Set(['cpu', 'memory'])
const BY_GUESTS: ReadonlySet<ColumnKey> = new Set(['os', 'memory', 'disk', 'address'])

const idsOf = (joined: string): DomainId[] => (joined === '' ? [] : (joined.split('\n') as DomainId[]))

/** Measures the machines in view, only those that run, and only what the columns show. */
export const useMeasureShown = (shown: readonly DomainSummary[], columns: readonly ColumnSpec[]): void => {
  const { stats, telemetry } = useStores()
  const connections = useConnections()
  const some = (keys: ReadonlySet<ColumnKey>): boolean => columns.some(({ key }) => keys.has(key))
  const running = shown.filter(row => row.state === 'running' && !row.stale)
  const measured = some(BY_HYPERVISOR) ? running : []
  // Where we may only look, guests are not asked.
  const asked = some(BY_GUESTS) ? running.filter(row => connections.get(row.connection)?.readOnly === false) : []
  const measuredIds = measured.map(row => row.id).join('\n')
  const askedIds = asked.map(row => row.id).join('\n')
  useEffect(() => stats.watch(idsOf(measuredIds), LIST_PERIOD), [stats, measuredIds])
  useEffect(() => telemetry.watch(idsOf(askedIds), 'newest'), [telemetry, askedIds])
}
