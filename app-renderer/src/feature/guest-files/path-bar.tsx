import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { Button, cx, Icon, IconButton, Spinner } from '../../ui/index.ts'
import s from './guest-files.module.css'
import { crumbsOf, parentOf, typedPath } from './guest-path.ts'
import { visibleName } from './safe-name.ts'
import { useText } from './text.ts'
import type { Folder } from './use-folder.ts'

interface PathBarProps {
  machine: string
  folder: Folder
}

/** Where one is: as buttons to the folders above, or as text to be typed. */
export const PathBar = ({ machine, folder }: PathBarProps) => {
  const t = useText()
  const [typing, setTyping] = useState(false)
  const { path, loading } = folder
  const bar = useRef<HTMLDivElement>(null)
  const grid = (): HTMLElement | null | undefined =>
    bar.current?.closest('[data-drop-zone]')?.querySelector<HTMLElement>('[role=grid]')
  return (
    <div ref={bar} className={s.path} role="group" aria-label={t('path', { name: machine })}>
      <IconButton icon="up" label={t('up')} onPress={() => folder.go(parentOf(path))} small />
      <IconButton icon="home" label={t('home')} onPress={folder.goHome} small />
      {typing ? (
        <Typed
          path={path}
          onGo={folder.go}
          onEnd={() => {
            // The field goes away: the keyboard goes on in the list that it was about.
            grid()?.focus()
            setTyping(false)
          }}
        />
      ) : (
        <>
          <Crumbs path={path} onGo={folder.go} />
          <IconButton icon="edit" label={t('edit')} onPress={() => setTyping(true)} small />
        </>
      )}
      {loading ? <Spinner label={t('reading')} /> : null}
      <IconButton icon="reboot" label={t('refresh')} onPress={folder.reload} small />
    </div>
  )
}

const Crumbs = ({ path, onGo }: { path: string; onGo: (path: string) => void }) => {
  const t = useText()
  const list = useRef<HTMLOListElement>(null)
  // The end of a long path is what one looks at.
  useEffect(() => {
    list.current?.lastElementChild?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [path])
  const crumbs = crumbsOf(path)
  return (
    <nav className={s.crumbs} aria-label={t('crumbs')}>
      <ol ref={list} dir="ltr">
        {crumbs.map((crumb, at) => (
          <li key={crumb.path}>
            {at > 1 ? <Icon name="chevron" size={10} /> : null}
            <button
              type="button"
              className={cx(s.crumb)}
              {...(at === 0 ? { 'aria-label': t('root') } : {})}
              {...(at === crumbs.length - 1 ? { 'aria-current': 'page' } : {})}
              onClick={() => onGo(crumb.path)}
            >
              <bdi>{visibleName(crumb.name)}</bdi>
            </button>
          </li>
        ))}
      </ol>
    </nav>
  )
}

const Typed = ({ path, onGo, onEnd }: { path: string; onGo: (path: string) => void; onEnd: () => void }) => {
  const t = useText()
  const [value, setValue] = useState(path)
  const [wrong, setWrong] = useState(false)
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => field.current?.select(), [])
  const submit = (): void => {
    const typed = typedPath(value)
    if (typed === null) return setWrong(true)
    onGo(typed)
    onEnd()
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' && event.key !== 'Escape') return
    event.preventDefault()
    event.stopPropagation()
    if (event.key === 'Enter') submit()
    else onEnd()
  }
  return (
    <>
      <input
        ref={field}
        autoFocus
        className={s.typed}
        aria-label={t('typedPath')}
        aria-invalid={wrong}
        title={wrong ? t('badPath') : undefined}
        dir="ltr"
        spellCheck={false}
        autoComplete="off"
        value={value}
        onChange={event => {
          setValue(event.target.value)
          setWrong(false)
        }}
        onKeyDown={onKeyDown}
      />
      <Button small look="line" onPress={submit}>
        {t('go')}
      </Button>
    </>
  )
}
