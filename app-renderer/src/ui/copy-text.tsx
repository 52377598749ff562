import { useEffect, useState } from 'react'
import s from './copy-text.module.css'
import { cx } from './cx.ts'
import { Icon } from './icon.tsx'
import { text as uiText, useText } from './text.ts'
import { showToast } from './toast.tsx'

const SHOWN_MS = 1200

/** Puts text on the clipboard; says so when the system refuses. Resolves to whether it worked. */
export const copyToClipboard = async (value: string): Promise<boolean> => {
  try {
    await navigator.clipboard.writeText(value)
    return true
  } catch {
    showToast({ tone: 'fail', title: uiText('copyFailed') })
    return false
  }
}

interface CopyTextProps {
  value: string
  /** Leaves it out of the tab order where a grid has one tab stop. */
  tabIndex?: number
  /** A block with a frame, for commands. */
  block?: boolean
}

/** Text in figures of equal width that is copied by a click. */
export const CopyText = ({ value, tabIndex, block }: CopyTextProps) => {
  const t = useText()
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return undefined
    const timer = setTimeout(() => setCopied(false), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [copied])
  return (
    <button
      type="button"
      tabIndex={tabIndex}
      className={cx(s.copy, block && s.block)}
      aria-label={copied ? t('copied') : t('copyThis', { text: value })}
      title={copied ? t('copied') : t('copy')}
      onClick={event => {
        event.stopPropagation()
        void copyToClipboard(value).then(setCopied)
      }}
      onDoubleClick={event => event.stopPropagation()}
    >
      <bdi dir="ltr">{value}</bdi>
      <span className={cx(s.icon, copied && s.done)}>
        <Icon name={copied ? 'check' : 'copy'} size={13} />
      </span>
    </button>
  )
}
