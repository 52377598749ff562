import type { Connection, ConnectionState } from '@vireo/app-main/contract'
import { useConnections, useEntries, useOnline, useStores } from '../../store/hooks.ts'
import { cx, Dot, Icon, IconButton, MenuButton } from '../../ui/index.ts'
import { usePlaceName } from '../notices/place.ts'
import { connectionEntries } from './connection-entries.ts'
import s from './sidebar.module.css'
import { useText } from './text.ts'

const TONES: Readonly<Record<ConnectionState, 'run' | 'pause' | 'fail' | 'off'>> = {
  connecting: 'off',
  ready: 'run',
  lost: 'pause',
  'not-responding': 'pause',
  unavailable: 'fail',
}

const ConnectionLine = ({ connection }: { connection: Connection }) => {
  const stores = useStores()
  const online = useOnline()
  const t = useText()
  const place = usePlaceName()
  const name = place(connection.uri)
  // Menus are made from the contract, which may arrive later than the list.
  useEntries()
  const word = online ? t(`state.${connection.state}`) : t('offline')
  const count = t('machineCount', { count: connection.domainCount })
  return (
    <li className={cx(s.connection)} title={`${connection.uri} · ${word} · ${count}`}>
      <Dot tone={online ? TONES[connection.state] : 'off'} />
      <bdi className={cx(s.place)}>{name}</bdi>
      {connection.readOnly && connection.state === 'ready' ? (
        <Icon name="lock" size={12} title={t('readOnly')} />
      ) : null}
      <span className={cx(s.state, connection.state === 'ready' && online && 'visually-hidden')}>{word}</span>
      <span className={cx(s.more)}>
        <MenuButton small label={t('menuOf', { place: name })} entries={connectionEntries(stores, connection)} />
      </span>
    </li>
  )
}

export const ConnectionList = () => {
  const connections = useConnections()
  const { ui } = useStores()
  const t = useText()
  return (
    <section className={cx(s.section)} aria-labelledby="sidebar-connections">
      <div className={cx(s.sectionHead)}>
        <h2 id="sidebar-connections">{t('connections')}</h2>
        <IconButton
          small
          icon="plus"
          iconSize={14}
          label={t('add')}
          onPress={() => ui.state.setState({ dialog: 'add-connection' })}
        />
      </div>
      <ul className={cx(s.connections)}>
        {[...connections.values()].map(connection => (
          <ConnectionLine key={connection.uri} connection={connection} />
        ))}
      </ul>
    </section>
  )
}
