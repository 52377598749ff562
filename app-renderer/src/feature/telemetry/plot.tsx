import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { SPAN } from '../../store/guest-series.ts'
import type { Chart } from './chart-lines.ts'
import { onTheme, readLooks } from './plot-looks.ts'
import { columnsOf, optionsFor, type PlotState, type PlotWords } from './plot-options.ts'
import s from './telemetry.module.css'

interface PlotProps {
  chart: Chart
  /** Epoch milliseconds of the right edge. */
  end: number
  /** Where the crosshair stands in all charts; null: nowhere. */
  at: number | null
  /** The pointer moved over this chart; null when it left. */
  onPoint: (at: number | null) => void
  words: PlotWords
  mirrored: boolean
}

const mount = (place: HTMLElement, state: PlotState, mirrored: boolean, onPoint: (at: number | null) => void) => {
  const size = () => ({ width: place.clientWidth, height: place.clientHeight })
  const plot = new uPlot(optionsFor(state, size(), mirrored), columnsOf(state.chart), place)
  let over = false
  const point = (): void => {
    const { left } = plot.cursor
    if (over && left !== undefined && left >= 0) onPoint(plot.posToVal(left, 'x') * 1000)
  }
  plot.over.addEventListener('mouseenter', () => (over = true))
  plot.over.addEventListener('mousemove', point)
  plot.over.addEventListener('mouseleave', () => {
    over = false
    onPoint(null)
  })
  const resized = new ResizeObserver(() => plot.setSize(size()))
  resized.observe(place)
  const offTheme = onTheme(() => {
    state.looks = readLooks(place)
    plot.redraw(false)
  })
  const dispose = (): void => {
    resized.disconnect()
    offTheme()
    plot.destroy()
  }
  return { plot, dispose, isOver: () => over }
}

/** Lines over the last quarter of an hour. A picture only: what it says is told beside it. */
export const Plot = ({ chart, end, at, onPoint, words, mirrored }: PlotProps) => {
  const place = useRef<HTMLDivElement>(null)
  const drawn = useRef<ReturnType<typeof mount> | null>(null)
  const state = useRef<PlotState | null>(null)
  const latest = useRef({ chart, end, words, onPoint })
  latest.current = { chart, end, words, onPoint }
  useEffect(() => {
    const element = place.current
    if (!element) return
    const own: PlotState = { ...latest.current, looks: readLooks(element) }
    const made = mount(element, own, mirrored, moment => latest.current.onPoint(moment))
    state.current = own
    drawn.current = made
    return () => {
      drawn.current = null
      made.dispose()
    }
  }, [mirrored, words])
  useEffect(() => {
    if (!drawn.current || !state.current) return
    Object.assign(state.current, { chart, end })
    drawn.current.plot.setData(columnsOf(chart))
  }, [chart, end])
  useEffect(() => {
    const made = drawn.current
    // Where the pointer is, uPlot itself moves the crosshair.
    if (!made || made.isOver()) return
    const left = at === null || at < end - SPAN || at > end ? -10 : made.plot.valToPos(at / 1000, 'x')
    made.plot.setCursor({ left, top: left < 0 ? -10 : 0 }, false)
  }, [at, end, chart, mirrored, words])
  return <div ref={place} className={s.plot} dir="ltr" aria-hidden />
}
