import { type KeyboardEvent, useCallback, useDeferredValue, useEffect, useId, useMemo, useRef, useState } from 'react'
import { Dialog as AriaDialog } from 'react-aria-components/Dialog'
import { Modal, ModalOverlay } from 'react-aria-components/Modal'
import { useStore } from 'zustand'
import { useConnections, useEntries, useStores } from '../../store/hooks.ts'
import { cx, Icon, useStateWord } from '../../ui/index.ts'
import { collectItems } from './collect-items.ts'
import { type Found, findItems, type PaletteItem } from './palette-item.ts'
import { PaletteLine } from './palette-line.tsx'
import s from './palette.module.css'
import { readRecent, rememberRecent } from './recent.ts'
import { useText } from './text.ts'

/** Items follow machines, connections and entries while the palette is open. */
const useItems = (): readonly PaletteItem[] => {
  const stores = useStores()
  const stateWord = useStateWord()
  const byId = useStore(stores.domains.state, state => state.byId)
  const connections = useConnections()
  const entries = useEntries()
  return useMemo(
    () => collectItems(stores, domain => domain.reason ?? stateWord(domain.state)),
    // The stores are read inside; these tell when to read again.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
    [stores, byId, connections, entries],
  )
}

const moved = (key: string, at: number, count: number): number | null => {
  if (count === 0) return null
  switch (key) {
    case 'ArrowDown':
      return (at + 1) % count
    case 'ArrowUp':
      return (at - 1 + count) % count
    case 'PageDown':
      return Math.min(count - 1, at + 8)
    case 'PageUp':
      return Math.max(0, at - 8)
    default:
      return null
  }
}

const Results = ({ found, active, listId, onRun, onPoint }: ResultsProps) => {
  const t = useText()
  const list = useRef<HTMLDivElement>(null)
  useEffect(() => {
    list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' })
  }, [active, found])
  const groups = [...new Set(found.map(each => each.item.group))]
  return (
    <div ref={list} id={listId} role="listbox" aria-label={t('title')} className={cx(s.results)} tabIndex={-1}>
      {groups.map(group => (
        <div key={group} role="group" aria-labelledby={`${listId}-${group}`}>
          <div id={`${listId}-${group}`} className={cx(s.group)}>
            {t(`group.${group}`)}
          </div>
          {found.map((each, at) =>
            each.item.group === group ? (
              <PaletteLine
                key={each.item.id}
                id={`${listId}-${at}`}
                found={each}
                active={at === active}
                onRun={onRun}
                onPoint={() => onPoint(at)}
              />
            ) : null,
          )}
        </div>
      ))}
    </div>
  )
}

interface ResultsProps {
  found: readonly Found[]
  active: number
  listId: string
  onRun: (found: Found) => void
  onPoint: (at: number) => void
}

const Finder = ({ onClose }: { onClose: () => void }) => {
  const t = useText()
  const items = useItems()
  const listId = useId()
  const [recent] = useState(readRecent)
  const [query, setQuery] = useState('')
  const [active, setActive] = useState(0)
  // Typing stays fluent although thousands of entries are ranked.
  const asked = useDeferredValue(query)
  const found = useMemo(() => findItems(items, asked, recent), [items, asked, recent])
  const at = Math.min(active, Math.max(0, found.length - 1))
  const run = useCallback(
    ({ item }: Found) => {
      rememberRecent(item.id)
      onClose()
      // After the dialog gave the focus back: what runs may open another one.
      setTimeout(item.run, 0)
    },
    [onClose],
  )
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = moved(event.key, at, found.length)
    if (next !== null) {
      event.preventDefault()
      setActive(next)
      return
    }
    const chosen = found[at]
    if (event.key !== 'Enter' || event.nativeEvent.isComposing || !chosen) return
    event.preventDefault()
    // What is shown may lag behind what was typed.
    run(asked === query ? chosen : (findItems(items, query, recent)[0] ?? chosen))
  }
  return (
    <>
      <div className={cx(s.query)}>
        <Icon name="search" size={18} />
        <input
          role="combobox"
          aria-expanded
          aria-controls={listId}
          aria-autocomplete="list"
          aria-label={t('title')}
          {...(found[at] ? { 'aria-activedescendant': `${listId}-${at}` } : {})}
          placeholder={t('placeholder')}
          spellCheck="false"
          autoComplete="off"
          autoFocus
          value={query}
          onKeyDown={onKeyDown}
          onChange={event => {
            setQuery(event.target.value)
            setActive(0)
          }}
        />
      </div>
      <Results found={found} active={at} listId={listId} onRun={run} onPoint={setActive} />
      {found.length === 0 ? (
        <div className={cx(s.nothing)}>
          <b>{t('nothing')}</b>
          <p>{t('nothingBody')}</p>
        </div>
      ) : null}
      <div role="status" className="visually-hidden">
        {t('results', { count: found.length })}
      </div>
    </>
  )
}

/** Search or run anything. */
export const Palette = () => {
  const { ui } = useStores()
  const t = useText()
  const close = useCallback(() => ui.state.setState({ dialog: null }), [ui])
  return (
    <ModalOverlay className={cx(s.veil)} isOpen isDismissable onOpenChange={open => (open ? undefined : close())}>
      <Modal className={cx(s.modal)}>
        <AriaDialog aria-label={t('title')} className={cx(s.palette)}>
          <Finder onClose={close} />
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  )
}
