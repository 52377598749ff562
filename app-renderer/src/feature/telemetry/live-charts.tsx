import type { DomainSummary } from '@vireo/app-main/contract'
import { useEffect, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useStore } from 'zustand'
import { useFormat } from '../../i18n/format.ts'
import { directionOf, i18n } from '../../i18n/i18n.ts'
import type { GuestRecord } from '../../store/guest-series.ts'
import { useConnection, useMeasured, useStores } from '../../store/hooks.ts'
import type { Rates } from '../../store/rates.ts'
import { cx } from '../../ui/index.ts'
import { type Chart, type Charts, chartsOf } from './chart-lines.ts'
import { figuresAt, knownLines, scaleWord, summaryOf } from './figures.ts'
import { Plot } from './plot.tsx'
import s from './telemetry.module.css'
import { useText } from './text.ts'
import { TimeCursor } from './time-cursor.tsx'

const NO_RATES: readonly Rates[] = []

/** Measures inside the machine while it is shown, where the connection lets us. */
const useInside = (domain: DomainSummary): GuestRecord | undefined => {
  const { telemetry } = useStores()
  const { id } = domain
  const allowed = useConnection(domain.connection)?.readOnly === false && domain.state === 'running'
  useEffect(() => (allowed ? telemetry.watch([id], 'history') : undefined), [telemetry, id, allowed])
  return useStore(telemetry.state, state => state.byId.get(id))
}

/** What the machine used during the last quarter of an hour; measured while shown. */
export const LiveCharts = ({ domain }: { domain: DomainSummary }) => {
  const t = useText()
  const record = useInside(domain)
  const rates = useMeasured(domain.id)?.rates ?? NO_RATES
  const charts = useMemo(() => chartsOf(record, rates, Date.now()), [record, rates])
  const [at, setAt] = useState<number | null>(null)
  return (
    <section className={s.live} aria-label={t('charts')}>
      <div className={s.charts}>
        {charts.charts.map(chart => (
          <ChartCard key={chart.key} chart={chart} end={charts.end} at={at} onPoint={setAt} />
        ))}
      </div>
      <TimeCursor charts={charts} at={at} onMove={setAt} />
      <SummaryTable charts={charts} />
    </section>
  )
}

interface ChartCardProps {
  chart: Chart
  end: number
  at: number | null
  onPoint: (at: number | null) => void
}

const ChartCard = ({ chart, end, at, onPoint }: ChartCardProps) => {
  const t = useText()
  const format = useFormat()
  const { i18n: current } = useTranslation(undefined, { i18n })
  const { unit } = chart
  const known = useMemo(() => knownLines(chart), [chart])
  const words = useMemo(
    () => ({ value: (value: number) => scaleWord(format, unit, value), clock: format.clockShort }),
    [format, unit],
  )
  return (
    <figure className={s.chart}>
      <figcaption className={s.caption}>
        <b>{t(`chart.${chart.key}`)}</b>
        <small className={s.dim}>{t(`source.${chart.source ?? 'none'}`)}</small>
        <span className={s.figures}>
          {figuresAt(chart, at, end).map(({ line, value }) =>
            value === null && !known.has(line.key) ? null : (
              <span key={line.key} className={s.figure}>
                <i className={cx(s.mark, line.tone !== null && s[`tone${line.tone}`])} />
                <bdi className="mono">{value === null ? t('unknown') : scaleWord(format, unit, value)}</bdi>{' '}
                {t(`line.${line.key}`)}
              </span>
            ),
          )}
        </span>
      </figcaption>
      <Plot
        chart={chart}
        end={end}
        at={at}
        onPoint={onPoint}
        words={words}
        mirrored={directionOf(current.language) === 'rtl'}
      />
    </figure>
  )
}

/** The pictures for who cannot see them. */
const SummaryTable = ({ charts }: { charts: Charts }) => {
  const t = useText()
  const format = useFormat()
  const rows = useMemo(() => summaryOf(charts), [charts])
  const word = (chart: Chart, value: number | null): string =>
    value === null ? t('unknown') : scaleWord(format, chart.unit, value)
  return (
    <table className="visually-hidden">
      <caption>{t('summary')}</caption>
      <thead>
        <tr>
          <th scope="col">{t('what')}</th>
          <th scope="col">{t('now')}</th>
          <th scope="col">{t('average')}</th>
          <th scope="col">{t('highest')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ chart, line, value, average, highest }) => (
          <tr key={line.key}>
            <th scope="row">
              {t(`chart.${chart.key}`)}, {t(`line.${line.key}`)}
            </th>
            <td>{word(chart, value)}</td>
            <td>{word(chart, average)}</td>
            <td>{word(chart, highest)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
