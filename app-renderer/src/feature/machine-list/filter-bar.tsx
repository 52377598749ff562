import { useMemo } from 'react'
import { useStore } from 'zustand'
import { useFormat } from '../../i18n/format.ts'
import { countByFilter, FILTERS } from '../../store/domain-view.ts'
import { useConnections, useStores, useUi } from '../../store/hooks.ts'
import { Chip, cx } from '../../ui/index.ts'
import { countByHypervisor, knownHypervisor, ofHypervisor } from '../../store/hypervisor-name.ts'
import { hostUsage } from './host-usage.ts'
import s from './machine-list.module.css'
import { useText } from './text.ts'

const Usage = () => {
  const connections = useConnections()
  const byId = useStore(useStores().domains.state, state => state.byId)
  const format = useFormat()
  const t = useText()
  const usage = useMemo(() => hostUsage(connections.values(), byId.values()), [connections, byId])
  if (!usage) return null
  const memory = format.bytesOf(usage.memoryBytes, usage.hostMemoryBytes)
  return (
    <span className={cx(s.usage)}>
      {t('usage', { vcpus: format.number(usage.vcpus), cpus: format.number(usage.cpus), memory })}
    </span>
  )
}

export const FilterBar = () => {
  const { domains, ui } = useStores()
  const byId = useStore(domains.state, state => state.byId)
  const filter = useUi(state => state.filter)
  const format = useFormat()
  const t = useText()
  const products = useMemo(() => countByHypervisor(byId), [byId])
  const hypervisor = knownHypervisor(
    products,
    useUi(state => state.hypervisor),
  )
  const counts = useMemo(() => countByFilter(ofHypervisor(byId, hypervisor)), [byId, hypervisor])
  return (
    <div className={cx(s.strip)}>
      <div role="group" aria-label={t('filters')} className={cx(s.chips)}>
        {FILTERS.map(each => (
          <Chip
            key={each}
            label={t(`filter.${each}`)}
            count={format.number(counts[each])}
            pressed={filter === each}
            onPress={() => ui.state.setState({ filter: each })}
          />
        ))}
      </div>
      {products.size > 1 ? (
        <div role="group" aria-label={t('hypervisors')} className={cx(s.chips, s.products)}>
          {[...products].map(([name, count]) => (
            <Chip
              key={name}
              label={name}
              count={format.number(count)}
              pressed={hypervisor === name}
              onPress={() => ui.state.setState({ hypervisor: hypervisor === name ? null : name })}
            />
          ))}
        </div>
      ) : null}
      <span className={cx(s.space)} />
      <Usage />
    </div>
  )
}
