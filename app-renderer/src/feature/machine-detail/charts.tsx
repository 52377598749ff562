import type { DomainId } from '@vireo/app-main/contract'
import { type Format, useFormat } from '../../i18n/format.ts'
import { useMeasured } from '../../store/hooks.ts'
import type { Rates } from '../../store/rates.ts'
import { Sparkline, sparkPath } from '../../ui/index.ts'
import s from './machine-detail.module.css'
import { useText } from './text.ts'

type Series = readonly (number | null)[]
type Translate = ReturnType<typeof useText>

const sum = (a: number | null, b: number | null): number | null =>
  a === null && b === null ? null : (a ?? 0) + (b ?? 0)

/** Rates have no natural end: the highest of what is shown fills the chart, never less than `least`. */
const scaled = (values: Series, least: number): Series => {
  const highest = Math.max(least, ...values.map(value => value ?? 0))
  return values.map(value => (value === null ? null : value / highest))
}

const KIB = 1024
/** Milliseconds that a chart stands for. */
const SPAN = 120_000

interface ChartSpec {
  key: 'cpu' | 'memory' | 'disk' | 'network'
  tone: 1 | 2 | 3
  values: Series
  figure: string
}

const chartsOf = (rates: readonly Rates[], format: Format, t: Translate): readonly ChartSpec[] => {
  const last = rates.at(-1)
  const disk = rates.map(one => sum(one.diskRead, one.diskWrite))
  const network = rates.map(one => sum(one.netReceive, one.netTransmit))
  const speed = (value: number | null | undefined): string =>
    value === null || value === undefined ? t('unknown') : format.bytesPerSecond(value)
  const memory = rates.map(one =>
    one.memoryUsedBytes === null || !one.memoryBytes ? null : one.memoryUsedBytes / one.memoryBytes,
  )
  const cpu = last?.cpu ?? null
  return [
    {
      key: 'cpu',
      tone: 1,
      values: rates.map(one => one.cpu),
      figure: cpu === null ? t('unknown') : format.percent(cpu),
    },
    { key: 'memory', tone: 2, values: memory, figure: memoryFigure(last, format, t) },
    { key: 'disk', tone: 3, values: scaled(disk, 64 * KIB), figure: speed(disk.at(-1)) },
    { key: 'network', tone: 1, values: scaled(network, 16 * KIB), figure: speed(network.at(-1)) },
  ]
}

const memoryFigure = (last: Rates | undefined, format: Format, t: Translate): string => {
  const total = last?.memoryBytes ?? null
  if (total === null) return t('unknown')
  const used = last?.memoryUsedBytes ?? null
  return used === null ? format.bytes(total) : format.bytesOf(used, total)
}

const lineOf = (rates: readonly Rates[], values: Series): string =>
  sparkPath(
    rates.map(({ at }, index) => ({ at, value: values[index] ?? null })),
    SPAN,
  )

/** What the machine used during the last two minutes; measured while shown. */
export const Charts = ({ id }: { id: DomainId }) => {
  const t = useText()
  const format = useFormat()
  const rates = useMeasured(id)?.rates ?? []
  return (
    <div className={s.charts}>
      {chartsOf(rates, format, t).map(chart => (
        <div key={chart.key} className={s.chart}>
          <span className={s.dim}>{t(chart.key)}</span>
          <span className="mono">
            <bdi>{chart.figure}</bdi>
          </span>
          <Sparkline line={lineOf(rates, chart.values)} look="chart" tone={chart.tone} />
        </div>
      ))}
    </div>
  )
}
