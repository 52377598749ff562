import type { DomainId } from '@vireo/app-main/contract'
import { measureElement, useVirtualizer } from '@tanstack/react-virtual'
import { memo, useMemo, useRef } from 'react'
import { useStore } from 'zustand'
import { failureText } from '../../store/app-error.ts'
import { type Format, useFormat } from '../../i18n/format.ts'
import { Button, cx, Icon, IconButton, Progress } from '../../ui/index.ts'
import s from './guest-files.module.css'
import { secondsLeft, speedOf } from './pace.ts'
import { visibleName, visiblePath } from './safe-name.ts'
import { useText } from './text.ts'
import { type Transfer, transfers } from './transfer-store.ts'

/** A usual line's height in pixels, until it is measured. */
const LINE = 44

/** What goes into a machine and out of it, and what became of it. */
export const TransferList = ({ machine }: { machine: DomainId }) => {
  const t = useText()
  const all = useStore(transfers.state, state => state.transfers)
  const own = useMemo(() => all.filter(one => one.machine === machine).toReversed(), [all, machine])
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
      <Lines own={own} />
    </section>
  )
}

/** There may be thousands: draws those in sight only. The newest one first. */
const Lines = ({ own }: { own: readonly Transfer[] }) => {
  const t = useText()
  const scroller = useRef<HTMLDivElement>(null)
  const virtualizer = useVirtualizer({
    count: own.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE,
    getItemKey: index => own[index]?.id ?? index,
    overscan: 4,
    // In a tab that is hidden nothing has a height, and all of them would seem to fit.
    measureElement: (...element) => measureElement(...element) || LINE,
  })
  return (
    <div ref={scroller} role="group" tabIndex={0} aria-label={t('transfers')} className={s.transferScroll}>
      <ul style={{ blockSize: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map(({ key, index, start }) => {
          const one = own[index]
          return one ? (
            <li
              key={key}
              ref={virtualizer.measureElement}
              data-index={index}
              aria-setsize={own.length}
              aria-posinset={index + 1}
              style={{ transform: `translateY(${start}px)` }}
            >
              <Line one={one} />
            </li>
          ) : null
        })}
      </ul>
    </div>
  )
}

/** Painted again only when it changed. */
const Line = memo(({ one }: { one: Transfer }) => {
  const t = useText()
  const format = useFormat()
  const name = visibleName(one.name)
  const path = visiblePath(one.folder)
  const share = one.size === null || one.size === 0 ? null : Math.min(1, one.bytes / one.size)
  const upload = one.direction === 'upload'
  return (
    <div className={cx(s.transfer, s[one.state])}>
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
            <bdi>{failureText(one.error)}</bdi>
          </span>
        ) : null}
      </div>
      <Actions one={one} name={name} />
    </div>
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
