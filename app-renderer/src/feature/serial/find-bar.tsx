import { useEffect, useRef, useState } from 'react'
import { useFormat } from '../../i18n/format.ts'
import { IconButton, Search } from '../../ui/index.ts'
import c from '../console/console.module.css'
import { MOST_MATCHES, type TerminalView } from './terminal-view.ts'
import { useText } from './text.ts'

interface FindBarProps {
  view: TerminalView
  matches: { at: number; count: number }
  onClose: () => void
}

/** Searches the scroll-back. Enter: next; Shift+Enter: previous; Escape: back to the console. */
export const FindBar = ({ view, matches, onClose }: FindBarProps) => {
  const t = useText()
  const format = useFormat()
  const input = useRef<HTMLInputElement>(null)
  const [term, setTerm] = useState('')
  useEffect(() => input.current?.focus(), [])
  const change = (next: string): void => {
    setTerm(next)
    if (next) view.find(next, 'next', true)
    else view.endFind()
  }
  const go = (direction: 'next' | 'previous') => (): void => (term ? view.find(term, direction, false) : undefined)
  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (event.key === 'Enter') go(event.shiftKey ? 'previous' : 'next')()
    else if (event.key === 'Escape') onClose()
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  const count = format.number(matches.count)
  const found =
    matches.count === 0
      ? t('noMatch')
      : matches.at > 0
        ? t('matches', { at: format.number(matches.at), count })
        : t('matchesMany', { count: format.number(MOST_MATCHES) })
  return (
    <div className={c.find} role="search">
      <Search
        label={t('find')}
        placeholder={t('findPlaceholder')}
        value={term}
        onChange={change}
        inputRef={input}
        onKeyDown={onKeyDown}
      />
      <span className={c.found} role="status">
        {term ? found : null}
      </span>
      <IconButton small icon="up" label={t('previous')} onPress={go('previous')} />
      <IconButton small icon="down" label={t('next')} onPress={go('next')} />
      <IconButton small icon="cross" label={t('closeFind')} onPress={onClose} />
    </div>
  )
}
