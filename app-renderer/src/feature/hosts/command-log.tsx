import type { HostLog } from '@vireo/app-main/contract'
import { useLayoutEffect, useRef } from 'react'
import { copyToClipboard, cx, IconButton, showToast } from '../../ui/index.ts'
import s from './hosts.module.css'
import { text, useText } from './text.ts'

/** How near to its end somebody must be for the output to follow, pixels. */
const NEAR = 24

/** What the commands wrote. It follows its end unless somebody reads further up. */
export const CommandLog = ({ log }: { log: HostLog | undefined }) => {
  const t = useText()
  const box = useRef<HTMLPreElement>(null)
  const following = useRef(true)
  useLayoutEffect(() => {
    const element = box.current
    if (element && following.current) element.scrollTop = element.scrollHeight
  }, [log])
  const lines = log?.lines ?? []
  const copy = async (): Promise<void> => {
    if (await copyToClipboard(lines.join('\n'))) showToast({ tone: 'done', title: text('copied') })
  }
  return (
    <section className={cx(s.part)}>
      <header className={cx(s.partHead)}>
        <h3>{t('output')}</h3>
        {lines.length > 0 ? <IconButton small icon="copy" label={t('copyOutput')} onPress={() => void copy()} /> : null}
      </header>
      {log && log.dropped > 0 ? <p className={cx(s.dim)}>{t('dropped', { count: log.dropped })}</p> : null}
      <pre
        ref={box}
        className={cx(s.log, 'selectable')}
        dir="ltr"
        role="log"
        aria-label={t('output')}
        tabIndex={0}
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
          following.current = scrollHeight - scrollTop - clientHeight < NEAR
        }}
      >
        {lines.length === 0 ? <i>{t('noOutput')}</i> : null}
        {lines.map((line, at) => (
          // Older lines leave at the front: counted from the beginning, a line keeps its key.
          <span key={(log?.dropped ?? 0) + at} className={cx(line.startsWith('$ ') && s.command)}>
            {line}
            {'\n'}
          </span>
        ))}
      </pre>
    </section>
  )
}
