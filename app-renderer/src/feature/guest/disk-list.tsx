import type { DomainSummary } from '@vireo/app-main/contract'
import { useCallback } from 'react'
import { useFormat } from '../../i18n/format.ts'
import { useClient } from '../../store/hooks.ts'
import s from './guest.module.css'
import { useText } from './text.ts'
import { useReading } from './use-reading.ts'

const EVERY_MS = 15_000

/** The whole disks that the guest sees, and what it did with them; nothing where that cannot be had. */
export const DiskList = ({ domain, shown }: { domain: DomainSummary; shown: boolean }) => {
  const t = useText()
  const format = useFormat()
  const client = useClient()
  const { id } = domain
  const read = useCallback(() => client.guest.disks({ id }), [client, id])
  const { value } = useReading(read, { shown, everyMs: EVERY_MS })
  const disks = (value ?? []).filter(({ partition }) => !partition)
  if (disks.length === 0) return null
  return (
    <section aria-label={t('disks')}>
      <h3 className={s.heading}>{t('disks')}</h3>
      <ul className={s.cards}>
        {disks.map(one => (
          <li key={one.name} className={s.card}>
            <span className={s.line}>
              <bdi className={s.strong}>{one.name}</bdi>
              {one.serial ? <bdi className={`mono ${s.dim}`}>{one.serial}</bdi> : null}
            </span>
            {one.readBytes === null || one.writtenBytes === null ? null : (
              <span className={s.dim}>
                {t('diskTraffic', { read: format.bytes(one.readBytes), written: format.bytes(one.writtenBytes) })}
              </span>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}
