import type { DomainId } from '@vireo/app-main/contract'
import { memo } from 'react'
import { useStore } from 'zustand'
import { type Format, useFormat } from '../../i18n/format.ts'
import { Button, cx, Icon, IconButton, Progress } from '../../ui/index.ts'
import s from './guest-files.module.css'
import { secondsLeft, speedOf } from './pace.ts'
import { visibleName, visiblePath } from './safe-name.ts'
import { useText } from './text.ts'
import { type Transfer, transfers } from './transfer-store.ts'

/** What goes into a machine and out of it, and what became of it. */
export const TransferList = ({ machine }: { machine: DomainId }) => {
  const t = useText()
  const all = useStore(transfers.state, state => state.transfers)
  const own = all.filter(one => one.machine === machine)
  if (own.length === 0) return null
  return (
    <section className={s.transfers} aria-label={t('transfers')}>
      <header className={s.transfersHead}>
        <h3>{t('transfers')}</h3>
        {own.some(({ state }) => state === 'done') ? (
          <Button small onPress={() => transfers.clearDone(machine)}>
            {t('clear')}
          </Button>
        ) : null}
      </header>
      <ul tabIndex={0} aria-label={t('transfers')}>
        {own.toReversed().map(one => (
          <Line key={one.id} one={one} />
        ))}
      </ul>
    </section>
  )
}

/** Painted again only when it changed: there may be thousands. */
const Line = memo(({ one }: { one: Transfer }) => {
  const t = useText()
  const format = useFormat()
  const name = visibleName(one.name)
  const path = visiblePath(one.folder)
  const share = one.size === null || one.size === 0 ? null : Math.min(1, one.bytes / one.size)
  const upload = one.direction === 'upload'
  return (
    <li className={cx(s.transfer, s[one.state])}>
      <Icon name={upload ? 'upload' : 'download'} />
      <div className={s.transferWords}>
        <span className={s.transferLine}>
          <bdi className={s.clip} title={name}>
            {name}
          </bdi>
          <span className={cx(s.dim, s.clip)}>{t(upload ? 'to' : 'from', { path })}</span>
        </span>
        {one.state === 'running' || one.state === 'stopped' ? (
          <Progress label={t(upload ? 'uploadOf' : 'downloadOf', { name })} share={share} />
        ) : null}
        <span className={s.dim}>{useFigures(one, format)}</span>
        {one.error ? (
          <span className={s.failure} role="alert">
            <bdi>{[one.error.message, one.error.hint].filter(Boolean).join(' ')}</bdi>
          </span>
        ) : null}
      </div>
      <Actions one={one} name={name} />
    </li>
  )
})

/** How far, how fast, how long still. */
const useFigures = (one: Transfer, format: Format): string => {
  const t = useText()
  const { state, bytes, size, points, resumedAt, step, leftOut } = one
  const done =
    size === null ? format.bytes(bytes) : t('ofWhole', { done: format.bytes(bytes), whole: format.bytes(size) })
  const parts = [state === 'running' ? null : t(`state.${state}`), state === 'done' ? format.bytes(bytes) : done]
  if (step && state !== 'done') parts.push(t('step', step))
  if (state === 'running') {
    const [speed, left] = [speedOf(points), secondsLeft(points, size)]
    if (speed !== null) parts.push(format.bytesPerSecond(speed))
    if (left !== null) parts.push(t('left', { time: format.duration(Math.ceil(left)) }))
  }
  if (resumedAt > 0) parts.push(t('resumedAt', { at: format.bytes(resumedAt) }))
  if (leftOut > 0) parts.push(t('leftOut', { count: leftOut }))
  return parts.filter(part => part !== null).join(' · ')
}

const Actions = ({ one, name }: { one: Transfer; name: string }) => {
  const t = useText()
  const { id, state } = one
  if (state === 'running' || state === 'waiting')
    return <IconButton small icon="cross" label={t('stop', { name })} onPress={() => transfers.cancel(id)} />
  if (state === 'done')
    return <IconButton small icon="cross" label={t('dismiss', { name })} onPress={() => transfers.remove(id)} />
  const again = state === 'stopped' ? t('resume', { name }) : t('retry', { name })
  return (
    <>
      <IconButton small icon="resume" label={again} onPress={() => transfers.resume(id)} />
      <IconButton small icon="trash" label={t('discard', { name })} onPress={() => transfers.remove(id)} />
    </>
  )
}
