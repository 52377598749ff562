/** Everything the palette can offer now. */
import type { DomainSummary } from '@vireo/app-main/contract'
import { appErrorOf } from '../../store/app-error.ts'
import { domainEntries, hindranceOf } from '../../store/action.ts'
import type { Filter } from '../../store/domain-view.ts'
import type { Stores } from '../../store/stores.ts'
import { entryIcon, entryTitle } from '../action/action-words.ts'
import { runEntry, showFailure } from '../action/run-action.ts'
import { createPlaces } from '../create/places.ts'
import { hypervisorTitle } from '../host-action/hypervisor-title.ts'
import { text as hostActionText } from '../host-action/text.ts'
import { placeName } from '../notices/place.ts'
import { connectionEntries } from '../sidebar/connection-entries.ts'
import type { PaletteItem } from './palette-item.ts'
import { text } from './text.ts'

type Word = (domain: DomainSummary) => string

const machineItems = (stores: Stores, stateWord: Word): readonly PaletteItem[] =>
  [...stores.domains.state.getState().byId.values()].map(domain => ({
    id: `machine:${domain.id}`,
    group: 'machines',
    label: domain.name,
    note: [domain.guestOs, stateWord(domain), domain.addresses[0]?.ip].filter(Boolean).join(', '),
    state: domain.state,
    run: () => stores.ui.go({ machine: domain.id }),
  }))

/** Only what a machine's state allows: a palette is for doing, menus tell why not. */
const actionItems = (stores: Stores): readonly PaletteItem[] => {
  const { byUri } = stores.connections.state.getState()
  const entries = domainEntries(stores.entries.state.getState().entries)
  return [...stores.domains.state.getState().byId.values()].flatMap(domain =>
    entries
      .filter(entry => hindranceOf(entry, domain, byUri.get(domain.connection), stores.online.getState()) === null)
      .map(entry => ({
        id: `action:${entry.room}.${entry.name}:${domain.id}`,
        group: 'actions' as const,
        label: entryTitle(entry),
        object: domain.name,
        icon: entryIcon(entry),
        risky: entry.effect === 'destroy',
        run: () => void runEntry(stores, entry, [domain]),
      })),
  )
}

const connectionItems = (stores: Stores): readonly PaletteItem[] =>
  [...stores.connections.state.getState().byUri.values()].flatMap(connection =>
    connectionEntries(stores, connection).flatMap(entry =>
      entry === 'separator' || entry.reason
        ? []
        : {
            id: `connection:${entry.id}:${connection.uri}`,
            group: 'connections' as const,
            label: entry.label,
            object: placeName(connection.uri),
            note: connection.uri,
            ...(entry.icon ? { icon: entry.icon } : {}),
            run: entry.onAction,
          },
    ),
  )

/** What can be done with the hypervisors now, as far as somebody looked; each shows its commands first. */
const hostItems = ({ host, ui }: Stores): readonly PaletteItem[] =>
  Object.values(host.state.getState().status?.hypervisors ?? {}).flatMap(({ type, management, actions }) =>
    actions.map(action => ({
      id: `host:${action}:${type}`,
      group: 'actions' as const,
      label: hostActionText(action),
      object: hypervisorTitle(type, management),
      icon: 'host' as const,
      risky: action === 'unload-modules',
      run: () => {
        ui.go({ room: 'hosts' })
        host.ask({ hypervisor: type, action, undo: false })
      },
    })),
  )

const viewItems = (stores: Stores): readonly PaletteItem[] => {
  const { ui, settings } = stores
  const show = (filter: Filter) => () => {
    ui.state.setState({ filter, query: '', hypervisor: null })
    ui.go({ wide: false })
  }
  const set = (part: Parameters<typeof settings.change>[0], label: string) => () => {
    settings.change(part).catch((thrown: unknown) => showFailure(label, appErrorOf(thrown)))
  }
  const view = (id: string, label: string, icon: PaletteItem['icon'] & string, run: () => void, kbd?: string) => ({
    id: `view:${id}`,
    group: 'views' as const,
    label,
    icon,
    run,
    ...(kbd ? { kbd } : {}),
  })
  const { byUri } = stores.connections.state.getState()
  const places = [...byUri.values()].some(({ kind, state }) => kind === 'lxd' && state === 'ready')
  const open = (dialog: 'launch' | 'lxd-stock') => () => ui.state.setState({ dialog, about: null })
  const launch = places
    ? [view('launch', text('launch'), 'plus', open('launch')), view('stock', text('stock'), 'list', open('lxd-stock'))]
    : []
  const create =
    createPlaces(byUri.values()).length > 0
      ? [view('create', text('create'), 'plus', () => ui.state.setState({ dialog: 'create' }))]
      : []
  return [
    ...create,
    ...launch,
    view('add', text('addConnection'), 'plus', () => ui.state.setState({ dialog: 'add-connection' })),
    view('all', text('showAll'), 'list', show('all')),
    view('running', text('showRunning'), 'list', show('running')),
    view('off', text('showOff'), 'list', show('off')),
    view('attention', text('showAttention'), 'warn', show('attention')),
    view('images', text('showImages'), 'disk', () => ui.go({ room: 'images' })),
    view('networks', text('showNetworks'), 'net', () => ui.go({ room: 'networks' })),
    view('hosts', text('showHosts'), 'host', () => ui.go({ room: 'hosts' })),
    view('doctor', text('showDoctor'), 'check', () => ui.go({ room: 'hosts', tab: 'doctor' })),
    view('settings', text('settings'), 'settings', () => ui.state.setState({ dialog: 'settings' }), 'Ctrl ,'),
    view('keyboard', text('keyboard'), 'keyboard', () => ui.state.setState({ dialog: 'shortcuts' }), '?'),
    view('theme-light', text('themeLight'), 'sun', set({ theme: 'light' }, text('themeLight'))),
    view('theme-dark', text('themeDark'), 'moon', set({ theme: 'dark' }, text('themeDark'))),
    view('theme-system', text('themeSystem'), 'screen', set({ theme: 'system' }, text('themeSystem'))),
    view('locale-en', text('localeEnglish'), 'globe', set({ locale: 'en' }, text('localeEnglish'))),
    view('locale-xb', text('localeMirrored'), 'globe', set({ locale: 'en-XB' }, text('localeMirrored'))),
  ]
}

export const collectItems = (stores: Stores, stateWord: Word): readonly PaletteItem[] => [
  ...actionItems(stores),
  ...machineItems(stores, stateWord),
  ...connectionItems(stores),
  ...hostItems(stores),
  ...viewItems(stores),
]
