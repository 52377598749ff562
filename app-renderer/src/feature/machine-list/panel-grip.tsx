import { type KeyboardEvent, type PointerEvent, useRef } from 'react'
import { useStores, useUi } from '../../store/hooks.ts'
import { cx } from '../../ui/index.ts'
import s from './panel-grip.module.css'
import { useText } from './text.ts'

const LEAST = 300
const MOST = 720
const FIRST = 384
const STEP = 24

const bounded = (width: number): number => Math.round(Math.min(MOST, Math.max(LEAST, width)))

/** The edge between list and detail: dragged, or moved with the arrow keys. */
export const PanelGrip = () => {
  const { ui } = useStores()
  const t = useText()
  const width = useUi(state => state.panelWidth) ?? FIRST
  const drag = useRef<{ x: number; width: number } | null>(null)
  const set = (next: number): void => ui.state.setState({ panelWidth: bounded(next) })
  const mirrored = (): 1 | -1 => (document.documentElement.dir === 'rtl' ? -1 : 1)
  const onMove = (event: PointerEvent): void => {
    if (drag.current) set(drag.current.width + (drag.current.x - event.clientX) * mirrored())
  }
  const onKey = (event: KeyboardEvent): void => {
    const steps = { ArrowLeft: 1, ArrowRight: -1 }[event.key]
    if (steps === undefined) return
    event.preventDefault()
    set(width + steps * STEP * mirrored())
  }
  return (
    <div
      role="separator"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={t('resize')}
      aria-valuenow={width}
      aria-valuemin={LEAST}
      aria-valuemax={MOST}
      className={cx(s.grip)}
      onKeyDown={onKey}
      onPointerDown={event => {
        event.currentTarget.setPointerCapture(event.pointerId)
        drag.current = { x: event.clientX, width }
      }}
      onPointerMove={onMove}
      onPointerUp={() => {
        drag.current = null
      }}
      onDoubleClick={() => set(FIRST)}
    />
  )
}
