import { useStore } from 'zustand'
import { useFormat } from '../../i18n/format.ts'
import { useRoute, useStores } from '../../store/hooks.ts'
import type { RoomName } from '../../store/route.ts'
import { Bird, cx, Icon, IconButton, type IconName, Kbd } from '../../ui/index.ts'
import { SHORTCUTS } from '../shortcut/shortcut.ts'
import { ConnectionList } from './connection-list.tsx'
import s from './sidebar.module.css'
import { useText } from './text.ts'

/** The product's name is the same in every language. */
const BRAND = 'Vireo'

const PALETTE_KEY = SHORTCUTS.find(({ id }) => id === 'palette')?.label ?? ''

interface PlaceProps {
  room: RoomName
  icon: IconName
  label: string
  count?: string
}

/** A room of the window. */
const Place = ({ room, icon, label, count }: PlaceProps) => {
  const { ui } = useStores()
  const here = useRoute().room === room
  return (
    <a
      className={cx(s.nav)}
      href={`#/${room}`}
      {...(here ? { 'aria-current': 'page' } : {})}
      title={label}
      onClick={event => {
        event.preventDefault()
        ui.go(room === 'machines' ? { room, machine: null, wide: false } : { room })
      }}
    >
      <Icon name={icon} />
      <span className={cx(s.label)}>{label}</span>
      {count === undefined ? null : <b>{count}</b>}
    </a>
  )
}

const Places = () => {
  const { domains } = useStores()
  const count = useStore(domains.state, state => state.byId.size)
  const format = useFormat()
  const t = useText()
  return (
    <nav aria-label={t('sidebar')}>
      <Place room="machines" icon="list" label={t('machines')} count={format.number(count)} />
      <Place room="images" icon="disk" label={t('images')} />
      <Place room="networks" icon="net" label={t('networks')} />
      <Place room="hosts" icon="host" label={t('hosts')} />
    </nav>
  )
}

export const Sidebar = () => {
  const { ui } = useStores()
  const t = useText()
  return (
    <aside className={cx(s.sidebar)}>
      <div className={cx(s.brand)}>
        <Bird size={22} />
        <span className={cx(s.label)}>{BRAND}</span>
      </div>
      <button
        type="button"
        className={cx(s.find)}
        aria-haspopup="dialog"
        aria-keyshortcuts="Control+K"
        onClick={() => ui.state.setState({ dialog: 'palette' })}
      >
        <Icon name="search" />
        <span className={cx(s.label)}>{t('search')}</span>
        <Kbd>{PALETTE_KEY}</Kbd>
      </button>
      <Places />
      <ConnectionList />
      <div className={cx(s.bottom)}>
        <IconButton icon="settings" label={t('settings')} onPress={() => ui.state.setState({ dialog: 'settings' })} />
      </div>
    </aside>
  )
}
