import type { DomainSummary } from '@vireo/app-main/contract'
import { useCallback } from 'react'
import { useFormat } from '../../i18n/format.ts'
import { useClient } from '../../store/hooks.ts'
import { Badge, CopyText } from '../../ui/index.ts'
import { Told } from './filtered.tsx'
import s from './guest.module.css'
import { useText } from './text.ts'
import { useReading } from './use-reading.ts'

const EVERY_MS = 10_000

const useInfo = (domain: DomainSummary, shown: boolean) => {
  const client = useClient()
  const { id } = domain
  const read = useCallback(() => client.guest.info({ id }), [client, id])
  return useReading(read, { shown, everyMs: EVERY_MS })
}

interface Props {
  domain: DomainSummary
  shown: boolean
}

/** Network interfaces with all their addresses, also those that no DHCP server knows. */
export const InterfaceList = ({ domain, shown }: Props) => {
  const t = useText()
  const format = useFormat()
  const reading = useInfo(domain, shown)
  return (
    <Told reading={reading}>
      <ul className={s.cards}>
        {(reading.value?.interfaces ?? []).map(one => (
          <li key={one.name} className={s.card}>
            <span className={s.line}>
              <bdi className={s.strong}>{one.name}</bdi>
              {one.up === null ? null : (
                <Badge tone={one.up ? 'run' : 'pause'}>{t(one.up ? 'linkUp' : 'linkDown')}</Badge>
              )}
              {one.mac ? <bdi className={`mono ${s.dim}`}>{one.mac}</bdi> : null}
            </span>
            {one.addresses.length === 0 ? <span className={s.dim}>{t('noAddress')}</span> : null}
            {one.addresses.map(address => (
              <CopyText key={address} value={address.replace(/\/\d+$/, '')} />
            ))}
            {one.receivedBytes === null || one.sentBytes === null ? null : (
              <span className={s.dim}>
                {t('traffic', { received: format.bytes(one.receivedBytes), sent: format.bytes(one.sentBytes) })}
              </span>
            )}
          </li>
        ))}
      </ul>
    </Told>
  )
}

/** Who is logged in. */
export const UserList = ({ domain, shown }: Props) => {
  const t = useText()
  const format = useFormat()
  const reading = useInfo(domain, shown)
  const users = reading.value?.users ?? []
  return (
    <Told reading={reading}>
      {users.length === 0 ? <p className={s.nobody}>{t('noUsers')}</p> : null}
      <ul className={s.cards}>
        {users.map((one, at) => (
          <li key={`${one.name} ${one.terminal} ${at}`} className={s.card}>
            <span className={s.line}>
              <bdi className={s.strong}>{one.name}</bdi>
              {one.terminal ? <bdi className="mono">{one.terminal}</bdi> : null}
              {one.loginAt === null ? null : (
                <span className={s.dim}>{t('since', { time: format.time(one.loginAt) })}</span>
              )}
            </span>
          </li>
        ))}
      </ul>
    </Told>
  )
}
