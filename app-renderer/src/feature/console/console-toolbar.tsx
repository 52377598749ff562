import { type ReactNode, type Ref, useMemo } from 'react'
import { useSettings } from '../../store/hooks.ts'
import { cx, Kbd } from '../../ui/index.ts'
import s from './console.module.css'
import { chordLabel, parseChord } from './release-chord.ts'
import { useText } from './text.ts'

/** The row above a console: what it is, its controls, and how to get the keyboard back. */
export const ConsoleToolbar = ({ label, ref, start, children }: ConsoleToolbarProps) => {
  const t = useText()
  const { releaseChord } = useSettings()
  const chord = useMemo(() => chordLabel(parseChord(releaseChord)), [releaseChord])
  return (
    <div className={cx(s.toolbar)} role="toolbar" aria-label={label} ref={ref}>
      {start}
      <span className={cx(s.hint)}>
        <Kbd>{chord}</Kbd> <span className={cx(s.hintWords)}>{t('releaseShort')}</span>
      </span>
      {children}
    </div>
  )
}

interface ConsoleToolbarProps {
  label: string
  ref: Ref<HTMLDivElement>
  start?: ReactNode
  children: ReactNode
}
