import type { DomainSummary, GuestAgentState, GuestFilesystem } from '@vireo/app-main/contract'
import { useCallback } from 'react'
import { useFormat } from '../../i18n/format.ts'
import { useClient } from '../../store/hooks.ts'
import { Badge } from '../../ui/index.ts'
import { DiskList } from './disk-list.tsx'
import { Told } from './filtered.tsx'
import s from './guest.module.css'
import { useText } from './text.ts'
import { useReading } from './use-reading.ts'

const EVERY_MS = 15_000
/** From here on a filesystem counts as nearly full. */
const NEARLY_FULL = 0.9

interface Props {
  domain: DomainSummary
  agent: GuestAgentState
  shown: boolean
}

/** How full the disks are, seen from inside. */
export const FilesystemList = ({ domain, agent, shown }: Props) => {
  const t = useText()
  const client = useClient()
  const { id } = domain
  const read = useCallback(() => client.guest.filesystems({ id }), [client, id])
  const reading = useReading(read, { shown, everyMs: EVERY_MS })
  const all = reading.value ?? []
  return (
    <Told reading={reading}>
      {all.length === 0 ? <p className={s.nobody}>{t('noFilesystems')}</p> : null}
      <ul className={s.cards}>
        {all.map(one => (
          <Filesystem key={`${one.mountPoint} ${one.device}`} one={one} />
        ))}
      </ul>
      {agent.features.disks === undefined ? <DiskList domain={domain} shown={shown} /> : null}
    </Told>
  )
}

const Filesystem = ({ one }: { one: GuestFilesystem }) => {
  const t = useText()
  const format = useFormat()
  const { usedBytes: used, totalBytes: total } = one
  const share = used !== null && total ? Math.min(1, used / total) : null
  return (
    <li className={s.card}>
      <span className={s.line}>
        <bdi className={s.strong}>{one.mountPoint}</bdi>
        {one.type ? <Badge>{one.type}</Badge> : null}
        <bdi className={s.dim}>{one.device}</bdi>
      </span>
      {share === null ? null : (
        <>
          <span className={s.meter} data-full={share >= NEARLY_FULL ? '' : undefined}>
            <i style={{ inlineSize: `${share * 100}%` }} />
          </span>
          <span className={s.dim}>
            {t('usedOf', { used: format.bytes(used ?? 0), total: format.bytes(total ?? 0) })}, {format.percent(share)}
          </span>
        </>
      )}
    </li>
  )
}
