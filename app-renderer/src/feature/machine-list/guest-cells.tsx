import type { DomainId, DomainSummary } from '@vireo/app-main/contract'
import { memo } from 'react'
import { useFormat } from '../../i18n/format.ts'
import { fullestOf, guestMemoryOf, osOf, wholeOsOf } from '../../store/guest-merge.ts'
import { cx } from '../../ui/index.ts'
import { NOTHING, useFigure, useGuest } from './cells.tsx'
import s from './cells.module.css'
import { useText } from './text.ts'

interface CellProps {
  domain: DomainSummary
  live: boolean
}

export const OsCell = memo(({ domain }: { domain: DomainSummary }) => {
  const t = useText()
  const name = useGuest(domain.id, record => osOf(domain, record))
  const whole = useGuest(domain.id, record => wholeOsOf(domain, record))
  return (
    <span className={cx(s.clip, name === null && s.dim)} dir="auto" title={whole ?? undefined}>
      {name ?? t('unknownOs')}
    </span>
  )
})

/** Used of total: of the guest's own where it tells, else what its balloon driver told the hypervisor. */
const useMemory = (domain: DomainSummary) => {
  const { id } = domain
  const ownUsed = useGuest(id, record => guestMemoryOf(domain, record)?.used ?? null)
  const ownTotal = useGuest(id, record => guestMemoryOf(domain, record)?.total ?? null)
  const used = useFigure(id, history => history?.last.memoryUsedBytes ?? null)
  const given = useFigure(id, history => history?.last.memoryBytes ?? null)
  return ownUsed === null
    ? { used, whole: given ?? domain.memoryBytes, source: 'byHypervisor' as const }
    : { used: ownUsed, whole: ownTotal, source: 'byGuest' as const }
}

export const MemoryCell = memo(({ domain, live }: CellProps) => {
  const t = useText()
  const format = useFormat()
  const { used, whole, source } = useMemory(domain)
  const total = domain.memoryBytes
  if (!live || used === null || whole === null || whole <= 0)
    return <span className={cx(s.dim, s.figure)}>{total === null ? NOTHING : format.bytes(total)}</span>
  return (
    <span className={cx(s.measure)} title={t(source)}>
      <span className={cx(s.bar)}>
        <i style={{ inlineSize: `${Math.min(100, Math.round((used / whole) * 100))}%` }} />
      </span>
      <span className={cx(s.figure)}>{format.bytesOf(used, whole)}</span>
    </span>
  )
})

/** From here on a filesystem counts as nearly full. */
const NEARLY_FULL = 0.9

const useDiskTitle = (id: DomainId, domain: DomainSummary): string => {
  const t = useText()
  const format = useFormat()
  return useGuest(id, record => {
    const volume = fullestOf(domain, record)
    if (!volume) return ''
    const { mountPoint, used, total } = volume
    return t('diskTitle', { mountPoint, used: format.bytes(used), total: format.bytes(total) })
  })
}

/** The filesystem that is nearest to being full. */
export const DiskCell = memo(({ domain, live }: CellProps) => {
  const format = useFormat()
  const share = useGuest(domain.id, record => {
    const volume = fullestOf(domain, record)
    return volume && Math.round(volume.share * 100) / 100
  })
  const title = useDiskTitle(domain.id, domain)
  if (!live || share === null) return <span className={cx(s.dim)}>{NOTHING}</span>
  return (
    <span className={cx(s.measure, share >= NEARLY_FULL && s.full)} title={title}>
      <span className={cx(s.bar, s.short)}>
        <i style={{ inlineSize: `${share * 100}%` }} />
      </span>
      <span className={cx(s.figure)}>{format.percent(share)}</span>
    </span>
  )
})
