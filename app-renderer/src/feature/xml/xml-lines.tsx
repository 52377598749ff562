import { useVirtualizer } from '@tanstack/react-virtual'
import { memo, useEffect, useMemo, useRef } from 'react'
import { cx } from '../../ui/index.ts'
import type { Match } from './find-matches.ts'
import { mergeMatches } from './merge-matches.ts'
import { type Token, tokenizeXml } from './tokenize.ts'
import s from './xml.module.css'

interface XmlLinesProps {
  label: string
  xml: string
  wrap: boolean
  matches: readonly Match[]
  current: Match | null
}

/** Pixels; rows that wrap are measured. */
const ROW = 20

/** Numbered, coloured lines; only those on screen exist. */
export const XmlLines = ({ label, xml, wrap, matches, current }: XmlLinesProps) => {
  const scroller = useRef<HTMLDivElement>(null)
  const lines = useMemo(() => tokenizeXml(xml), [xml])
  const byLine = useMemo(() => groupByLine(matches), [matches])
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 20,
  })
  useEffect(() => rows.measure(), [rows, wrap])
  useEffect(() => {
    if (current) rows.scrollToIndex(current.line, { align: 'center' })
  }, [rows, current])
  return (
    <div ref={scroller} className={cx(s.lines, wrap && s.wrap)} role="region" aria-label={label} tabIndex={0} dir="ltr">
      <div className={s.sheet} style={{ blockSize: rows.getTotalSize() }}>
        <div className={s.window} style={{ transform: `translateY(${rows.getVirtualItems()[0]?.start ?? 0}px)` }}>
          {rows.getVirtualItems().map(({ index }) => (
            <Line
              key={index}
              measure={wrap ? rows.measureElement : null}
              index={index}
              digits={String(lines.length).length}
              tokens={lines[index] ?? []}
              matches={byLine.get(index) ?? null}
              current={current?.line === index ? current : null}
            />
          ))}
        </div>
      </div>
    </div>
  )
}

interface LineProps {
  measure: ((element: Element | null) => void) | null
  index: number
  digits: number
  tokens: readonly Token[]
  matches: readonly Match[] | null
  current: Match | null
}

const Line = memo(({ measure, index, digits, tokens, matches, current }: LineProps) => (
  <div ref={measure} data-index={index} className={s.line}>
    <span className={s.number} style={{ inlineSize: `${digits + 2}ch` }} aria-hidden>
      {index + 1}
    </span>
    <code className={s.code}>
      {mergeMatches(tokens, matches ?? []).map((piece, at) =>
        piece.match ? (
          <mark key={at} className={cx(s[piece.kind], piece.match === current && s.current)}>
            {piece.text}
          </mark>
        ) : (
          <span key={at} className={s[piece.kind]}>
            {piece.text}
          </span>
        ),
      )}
    </code>
  </div>
))
Line.displayName = 'Line'

const groupByLine = (matches: readonly Match[]): ReadonlyMap<number, readonly Match[]> => {
  const groups = new Map<number, Match[]>()
  for (const match of matches) {
    const group = groups.get(match.line)
    if (group) group.push(match)
    else groups.set(match.line, [match])
  }
  return groups
}
