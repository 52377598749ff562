import { memo } from 'react'
import { cx, Icon, Kbd, StatusMark } from '../../ui/index.ts'
import type { Found } from './palette-item.ts'
import s from './palette.module.css'

/** Text with its matched letters emphasised; `from` is where it stands in the matched whole. */
const Marked = ({ text, at, from }: { text: string; at: ReadonlySet<number>; from: number }) => {
  const runs: { text: string; hit: boolean }[] = []
  for (const [index, letter] of Array.from(text).entries()) {
    const hit = at.has(from + index)
    const last = runs.at(-1)
    if (last && last.hit === hit) last.text += letter
    else runs.push({ text: letter, hit })
  }
  return runs.map((run, index) => (run.hit ? <mark key={index}>{run.text}</mark> : run.text))
}

interface PaletteLineProps {
  found: Found
  id: string
  active: boolean
  onRun: (found: Found) => void
  onPoint: () => void
}

export const PaletteLine = memo(({ found: { item, at }, id, active, onRun, onPoint }: PaletteLineProps) => (
  <div
    id={id}
    role="option"
    aria-selected={active}
    className={cx(s.line)}
    onPointerMove={onPoint}
    onClick={() => onRun({ item, at })}
  >
    {item.state ? (
      <StatusMark state={item.state} />
    ) : (
      <span className={cx(s.icon)}>{item.icon ? <Icon name={item.icon} /> : null}</span>
    )}
    <span className={cx(s.words)}>
      <span dir="auto">
        <Marked text={item.label} at={at} from={0} />
        {item.object ? (
          <b>
            {' '}
            <bdi>
              <Marked text={item.object} at={at} from={item.label.length + 1} />
            </bdi>
          </b>
        ) : null}
      </span>
    </span>
    {item.note ? <bdi className={cx(s.note)}>{item.note}</bdi> : null}
    {item.kbd ? <Kbd>{item.kbd}</Kbd> : null}
  </div>
))
