import type { Connection } from '@vireo/app-main/contract'
import { appErrorOf } from '../../store/app-error.ts'
import type { Stores } from '../../store/stores.ts'
import { type MenuEntry, showToast } from '../../ui/index.ts'
import { entryIcon, entryTitle } from '../action/action-words.ts'
import { showFailure } from '../action/run-action.ts'
import { placeName } from '../notices/place.ts'
import { text } from './text.ts'

/** Removes a connection from the list and offers it back. */
export const removeConnection = async ({ client }: Stores, { uri }: Connection): Promise<void> => {
  const place = placeName(uri)
  const addBack = (): void => {
    client.connection.add({ uri }).catch((thrown: unknown) => showFailure(text('failed'), appErrorOf(thrown)))
  }
  try {
    await client.connection.remove({ uri })
    showToast({ tone: 'done', title: text('removed', { place }), action: { label: text('undo'), onPress: addBack } })
  } catch (thrown) {
    showFailure(text('removeFailed', { place }), appErrorOf(thrown))
  }
}

const reasonAgainst = (name: string, connection: Connection, online: boolean): string | null => {
  if (!online) return text('notReady')
  if (name === 'retry') return connection.state === 'ready' ? text('ready') : null
  if (name === 'unlock') {
    if (connection.state === 'ready') return connection.readOnly ? null : text('alreadyUnlocked')
    return connection.error?.kind === 'permission' ? null : text('notReady')
  }
  return null
}

const runOn = async (stores: Stores, name: string, connection: Connection): Promise<void> => {
  const { uri } = connection
  const place = placeName(uri)
  if (name === 'remove') return removeConnection(stores, connection)
  try {
    if (name === 'unlock') await stores.client.connection.unlock({ uri })
    else await stores.client.connection.retry({ uri })
  } catch (thrown) {
    showFailure(text(name === 'unlock' ? 'unlockFailed' : 'retryFailed', { place }), appErrorOf(thrown))
  }
  return undefined
}

const OFFERED = ['retry', 'unlock', 'remove']

/** What can be done with a connection, in words of the contract. */
export const connectionEntries = (stores: Stores, connection: Connection): readonly MenuEntry[] => [
  ...launchEntry(stores, connection),
  ...ownEntries(stores, connection),
]

const launchEntry = (stores: Stores, { kind, state, uri }: Connection): readonly MenuEntry[] => {
  if (kind !== 'lxd') return []
  const reason = state === 'ready' && stores.online.getState() ? null : text('notReady')
  const open = (dialog: 'launch' | 'lxd-stock') => () => stores.ui.state.setState({ dialog, about: uri })
  return [
    { id: 'launch', label: text('launch'), icon: 'plus', reason, onAction: open('launch') },
    { id: 'stock', label: text('stock'), icon: 'list', reason, onAction: open('lxd-stock') },
  ]
}

const ownEntries = (stores: Stores, connection: Connection): readonly MenuEntry[] => {
  const { entries } = stores.entries.state.getState()
  return OFFERED.flatMap(name => entries.find(entry => entry.room === 'connection' && entry.name === name) ?? []).map(
    entry => ({
      id: entry.name,
      label: entryTitle(entry),
      icon: entryIcon(entry),
      reason: reasonAgainst(entry.name, connection, stores.online.getState()),
      onAction: () => void runOn(stores, entry.name, connection),
    }),
  )
}
