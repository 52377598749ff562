import { useRef } from 'react'
import { Menu as AriaMenu, MenuItem as AriaMenuItem, MenuTrigger } from 'react-aria-components/Menu'
import { Popover } from 'react-aria-components/Popover'
import { Separator } from 'react-aria-components/Separator'
import { Kbd } from './badge.tsx'
import { type ButtonLook, IconButton } from './button.tsx'
import { cx } from './cx.ts'
import { Icon, type IconName } from './icon.tsx'
import s from './menu.module.css'
import { useText } from './text.ts'

export interface MenuItem {
  id: string
  label: string
  icon?: IconName
  onAction: () => void
  /** Why it cannot be used now; shown below its label. */
  reason?: string | null
  danger?: boolean
  checked?: boolean
  kbd?: string
}
export type MenuEntry = MenuItem | 'separator'

const Item = ({ item }: { item: MenuItem }) => {
  const t = useText()
  return (
    <AriaMenuItem
      id={item.id}
      textValue={item.label}
      className={cx(s.item, item.danger && s.danger)}
      isDisabled={Boolean(item.reason)}
      onAction={item.onAction}
    >
      <span className={cx(s.icon)}>{item.icon ? <Icon name={item.icon} /> : null}</span>
      <span className={cx(s.label)}>
        {item.label}
        {item.reason ? <small>{item.reason}</small> : null}
      </span>
      {item.checked ? <Icon name="check" size={14} title={t('checked')} /> : null}
      {item.kbd ? <Kbd>{item.kbd}</Kbd> : null}
    </AriaMenuItem>
  )
}

interface EntriesProps {
  label: string
  entries: readonly MenuEntry[]
  focus?: 'first' | 'menu'
}

const Entries = ({ label, entries, focus }: EntriesProps) => (
  <AriaMenu
    aria-label={label}
    className={cx(s.menu)}
    {...(focus ? { autoFocus: focus === 'first' ? 'first' : true } : {})}
  >
    {entries.map((entry, at) =>
      entry === 'separator' ? (
        <Separator key={`line-${at}`} className={cx(s.line)} />
      ) : (
        <Item key={entry.id} item={entry} />
      ),
    )}
  </AriaMenu>
)

/** An icon button that opens a menu. */
export const MenuButton = ({ icon = 'more', label, entries, look = 'quiet', small }: MenuButtonProps) => (
  <MenuTrigger>
    <IconButton icon={icon} label={label} look={look} {...(small ? { small } : {})} />
    <Popover className={cx(s.popover)} placement="bottom end" offset={4}>
      <Entries label={label} entries={entries} />
    </Popover>
  </MenuTrigger>
)

interface MenuButtonProps {
  icon?: IconName
  label: string
  entries: readonly MenuEntry[]
  look?: ButtonLook
  small?: boolean
}

/** A menu at a point of the window (client coordinates); mount it to open it. */
export const ContextMenu = ({ label, entries, at, onClose, byKeyboard }: ContextMenuProps) => {
  const anchor = useRef<HTMLSpanElement>(null)
  return (
    <>
      <span ref={anchor} className={cx(s.anchor)} style={{ left: at.x, top: at.y }} aria-hidden />
      <Popover
        className={cx(s.popover)}
        triggerRef={anchor}
        isOpen
        onOpenChange={open => (open ? undefined : onClose())}
        placement="bottom start"
        offset={2}
      >
        <ClosingEntries label={label} entries={entries} onClose={onClose} {...(byKeyboard ? { byKeyboard } : {})} />
      </Popover>
    </>
  )
}

/** Without a trigger React Aria does not close the popover after an action. */
const ClosingEntries = ({ label, entries, onClose, byKeyboard }: Omit<ContextMenuProps, 'at'>) => (
  <Entries
    label={label}
    focus={byKeyboard ? 'first' : 'menu'}
    entries={entries.map(entry =>
      entry === 'separator'
        ? entry
        : {
            ...entry,
            onAction: () => {
              onClose()
              entry.onAction()
            },
          },
    )}
  />
)

interface ContextMenuProps {
  label: string
  entries: readonly MenuEntry[]
  at: { x: number; y: number }
  onClose: () => void
  /** Begins at the first entry, as a person at the keyboard expects. */
  byKeyboard?: boolean
}
