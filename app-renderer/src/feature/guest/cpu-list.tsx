import type { DomainSummary, GuestCpu } from '@vireo/app-main/contract'
import { useCallback, useEffect, useState } from 'react'
import { appErrorOf } from '../../store/app-error.ts'
import { useClient } from '../../store/hooks.ts'
import { Switch } from '../../ui/index.ts'
import { showFailure } from '../action/run-action.ts'
import { Told } from './filtered.tsx'
import s from './guest.module.css'
import { text, useText } from './text.ts'
import { useReading } from './use-reading.ts'

const EVERY_MS = 15_000

/** What a processor was told to be, until the guest tells what it is. */
interface Wish {
  readonly online: boolean
  readonly pending: boolean
}
type Wishes = ReadonlyMap<number, Wish>

const without = (wishes: Wishes, drop: (id: number, wish: Wish) => boolean): Wishes =>
  new Map([...wishes].filter(([id, wish]) => !drop(id, wish)))

/** The processors that the guest sees, each to be used or left alone. */
export const CpuList = ({ domain, shown }: { domain: DomainSummary; shown: boolean }) => {
  const t = useText()
  const client = useClient()
  const { id: machine } = domain
  const read = useCallback(() => client.guest.cpus({ id: machine }), [client, machine])
  const reading = useReading(read, { shown, everyMs: EVERY_MS })
  const [wishes, setWishes] = useState<Wishes>(new Map())
  useEffect(() => setWishes(before => without(before, (_id, { pending }) => !pending)), [reading.value])
  const cpus = reading.value ?? []
  const used = cpus.filter(({ online }) => online)
  const change = async (id: number, online: boolean): Promise<void> => {
    if (wishes.get(id)?.pending) return
    setWishes(before => new Map(before).set(id, { online, pending: true }))
    try {
      await client.guest.setCpus({ id: machine, [online ? 'online' : 'offline']: [id] })
      setWishes(before => new Map(before).set(id, { online, pending: false }))
    } catch (thrown) {
      setWishes(before => without(before, other => other === id))
      showFailure(text('processorFailed', { id }), appErrorOf(thrown))
    }
    reading.reload()
  }
  const reason = ({ id, online, canOffline }: GuestCpu): string | null =>
    online && (canOffline === false || used.every(one => one.id === id)) ? t('processorStays') : null
  return (
    <Told reading={reading}>
      <p className={s.about}>{t('processorsUsed', { used: used.length, all: cpus.length })}</p>
      <ul className={s.cards}>
        {cpus.map(one => (
          <li key={one.id} className={s.setting}>
            <Switch
              label={t('processor', { id: one.id })}
              on={wishes.get(one.id)?.online ?? one.online}
              onChange={online => void change(one.id, online)}
              reason={reason(one)}
            />
          </li>
        ))}
      </ul>
    </Told>
  )
}
