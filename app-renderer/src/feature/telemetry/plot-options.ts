/** How uPlot draws one chart. */
import type uPlot from 'uplot'
import { SPAN } from '../../store/guest-series.ts'
import { type Chart, topOf, type Unit } from './chart-lines.ts'
import type { PlotLooks } from './plot-looks.ts'

export interface PlotWords {
  /** A value of the scale. */
  readonly value: (value: number) => string
  /** A moment of the scale, epoch milliseconds. */
  readonly clock: (at: number) => string
}

/** What changes while it is drawn. */
export interface PlotState {
  chart: Chart
  end: number
  looks: PlotLooks
  words: PlotWords
}

/** Pixels; the same for all charts, so that their times stand below each other. */
const SCALE_WIDTH = 62
const CLOCK_HEIGHT = 22
/** The last time of day stands below the picture's very edge. */
const HALF_CLOCK = 24
const MINUTES = [60, 120, 180, 300, 600]
/** Bytes are counted in powers of two. */
const BINARY = Array.from({ length: 60 }, (_, power) => 2 ** power)
const INCREMENTS: Readonly<Record<Unit, number[]>> = { share: [0.25, 0.5, 1], bytes: BINARY, speed: BINARY }

/** Rows as uPlot takes them: a column of seconds, and one for each line that is drawn. */
export const columnsOf = ({ rows, lines }: Chart): uPlot.AlignedData => [
  rows.map(({ at }) => at / 1000),
  ...lines.flatMap(({ tone }, index) => (tone === null ? [] : [rows.map(({ values }) => values[index] ?? null)])),
]

const seriesOf = (state: PlotState): uPlot.Series[] =>
  state.chart.lines.flatMap(({ tone }, index) => {
    if (tone === null) return []
    const colour = () => state.looks.tones[tone - 1] ?? ''
    return {
      stroke: colour,
      width: 1.5,
      points: { show: false },
      spanGaps: false,
      // Lines are told apart without their colour too.
      ...(index === 0 ? { fill: () => translucent(colour()) } : { dash: [4, 3] }),
    }
  })

const translucent = (colour: string): string => `color-mix(in srgb, ${colour} 14%, transparent)`

export const optionsFor = (
  state: PlotState,
  size: { width: number; height: number },
  mirrored: boolean,
): uPlot.Options => {
  const axis = {
    stroke: () => state.looks.label,
    font: state.looks.font,
    grid: { stroke: () => state.looks.grid, width: 1 },
    ticks: { show: false },
  }
  return {
    ...size,
    padding: [8, mirrored ? 0 : HALF_CLOCK, 0, mirrored ? HALF_CLOCK : 0],
    legend: { show: false },
    select: { show: false, left: 0, top: 0, width: 0, height: 0 },
    cursor: { y: false, drag: { x: false, y: false, setScale: false }, points: { show: false } },
    scales: {
      x: { time: true, range: () => [(state.end - SPAN) / 1000, state.end / 1000] },
      y: { range: () => [0, topOf(state.chart)] },
    },
    axes: [
      {
        ...axis,
        size: CLOCK_HEIGHT,
        gap: 4,
        space: 64,
        incrs: MINUTES,
        values: (_, splits) => splits.map(second => state.words.clock(second * 1000)),
      },
      {
        ...axis,
        side: mirrored ? 1 : 3,
        size: SCALE_WIDTH,
        gap: 6,
        space: 26,
        incrs: INCREMENTS[state.chart.unit],
        values: (_, splits) => splits.map(value => state.words.value(value)),
      },
    ],
    series: [{}, ...seriesOf(state)],
  }
}
