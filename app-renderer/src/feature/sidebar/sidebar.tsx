import { useStore } from 'zustand'
import { useFormat } from '../../i18n/format.ts'
import { useStores } from '../../store/hooks.ts'
import { Bird, cx, Icon, IconButton, Kbd } from '../../ui/index.ts'
import { SHORTCUTS } from '../shortcut/shortcut.ts'
import { ConnectionList } from './connection-list.tsx'
import s from './sidebar.module.css'
import { useText } from './text.ts'

/** The product's name is the same in every language. */
const BRAND = 'Vireo'

const PALETTE_KEY = SHORTCUTS.find(({ id }) => id === 'palette')?.label ?? ''

const Machines = () => {
  const { domains, ui } = useStores()
  const count = useStore(domains.state, state => state.byId.size)
  const format = useFormat()
  const t = useText()
  return (
    <nav aria-label={t('sidebar')}>
      <a
        className={cx(s.nav)}
        href="#/machines"
        aria-current="page"
        title={t('machines')}
        onClick={event => {
          event.preventDefault()
          ui.go({ machine: null, wide: false })
        }}
      >
        <Icon name="list" />
        <span className={cx(s.label)}>{t('machines')}</span>
        <b>{format.number(count)}</b>
      </a>
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
      <Machines />
      <ConnectionList />
      <div className={cx(s.bottom)}>
        <IconButton icon="settings" label={t('settings')} onPress={() => ui.state.setState({ dialog: 'settings' })} />
      </div>
    </aside>
  )
}
