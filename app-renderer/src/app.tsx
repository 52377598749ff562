import { Suspense, useLayoutEffect } from 'react'
import { I18nProvider } from 'react-aria-components'
import { useStore } from 'zustand'
import s from './app.module.css'
import { Banners } from './feature/notices/banners.tsx'
import { ErrorBoundary } from './feature/notices/error-boundary.tsx'
import { MachinesNotice } from './feature/notices/machines-notice.tsx'
import { TaskToasts } from './feature/notices/task-toasts.tsx'
import { MachineHeader, MachineList } from './feature/machine-list/machine-list.tsx'
import { PanelGrip } from './feature/machine-list/panel-grip.tsx'
import { listenToShortcuts } from './feature/shortcut/shortcut.ts'
import { Sidebar } from './feature/sidebar/sidebar.tsx'
import { useAppearance, useLocale, useNarrow } from './appearance.ts'
import { part } from './lazy-part.tsx'
import { StoresContext, useRoute, useStores, useUi } from './store/hooks.ts'
import type { RoomName } from './store/route.ts'
import type { Stores } from './store/stores.ts'
import { ConfirmHost, cx, Spinner, ToastRegion } from './ui/index.ts'

// Nothing of these is needed to paint the list.
const MachineDetail = part(async () => (await import('./feature/machine-detail/machine-detail.tsx')).MachineDetail)
const HostsPage = part(async () => (await import('./feature/hosts/hosts-page.tsx')).HostsPage)
const NetworksPage = part(async () => (await import('./feature/networks/networks-page.tsx')).NetworksPage)
const ImagesPage = part(async () => (await import('./feature/images/images-page.tsx')).ImagesPage)
const Palette = part(async () => (await import('./feature/palette/palette.tsx')).Palette)
const SettingsDialog = part(async () => (await import('./feature/settings/settings-dialog.tsx')).SettingsDialog)
const LaunchDialog = part(async () => (await import('./feature/launch/launch-dialog.tsx')).LaunchDialog)
const CreateDialog = part(async () => (await import('./feature/create/create-dialog.tsx')).CreateDialog)
const AddConnection = part(async () => (await import('./feature/sidebar/add-connection.tsx')).AddConnection)
const DeleteHost = part(async () => (await import('./feature/domain-action/delete-dialog.tsx')).DeleteHost)
const ShortcutHelp = part(async () => (await import('./feature/shortcut/shortcut-help.tsx')).ShortcutHelp)

const Dialogs = () => {
  const { ui } = useStores()
  const dialog = useUi(state => state.dialog)
  return (
    <ErrorBoundary quiet place={dialog ?? ''} onFail={() => ui.state.setState({ dialog: null })}>
      <Suspense>
        {dialog === 'palette' ? <Palette /> : null}
        {dialog === 'settings' ? <SettingsDialog /> : null}
        {dialog === 'add-connection' ? <AddConnection /> : null}
        {dialog === 'launch' ? <LaunchDialog /> : null}
        {dialog === 'create' ? <CreateDialog /> : null}
        {dialog === 'shortcuts' ? <ShortcutHelp /> : null}
        <DeleteHost />
      </Suspense>
    </ErrorBoundary>
  )
}

const OtherRoom = ({ room }: { room: Exclude<RoomName, 'machines'> }) => (
  <main className={cx(s.main)}>
    <Banners />
    <ErrorBoundary place={room}>
      <Suspense fallback={<Spinner />}>
        {room === 'images' ? <ImagesPage /> : null}
        {room === 'networks' ? <NetworksPage /> : null}
        {room === 'hosts' ? <HostsPage /> : null}
      </Suspense>
    </ErrorBoundary>
  </main>
)

/** List, list with the detail beside it, or the detail alone. The detail keeps its place in the tree: a console in it lives on. */
const Centre = () => {
  const { domains } = useStores()
  const anyMachine = useStore(domains.state, state => state.byId.size > 0)
  const route = useRoute()
  const narrow = useNarrow()
  const panelWidth = useUi(state => state.panelWidth)
  const open = route.machine !== null
  if (route.room !== 'machines') return <OtherRoom room={route.room} />
  const alone = open && (route.wide || narrow)
  return (
    <main className={cx(s.main)}>
      <Banners />
      {alone ? null : <MachineHeader />}
      <div className={cx(s.split)}>
        {alone ? null : anyMachine ? <MachineList /> : <MachinesNotice />}
        {open && !alone ? <PanelGrip /> : null}
        {route.machine ? (
          <div
            key="detail"
            className={cx(s.panel, alone && s.alone)}
            style={alone || panelWidth === null ? undefined : { inlineSize: panelWidth }}
          >
            <ErrorBoundary place={route.machine}>
              <Suspense fallback={<Spinner />}>
                <MachineDetail id={route.machine} wide={alone} />
              </Suspense>
            </ErrorBoundary>
          </div>
        ) : null}
      </div>
    </main>
  )
}

const Window = () => {
  const stores = useStores()
  useAppearance()
  // Whoever sees the window can use its keys.
  useLayoutEffect(() => listenToShortcuts(stores), [stores])
  return (
    <div className={cx(s.window)}>
      <Sidebar />
      <ErrorBoundary place="centre">
        <Centre />
      </ErrorBoundary>
      <Dialogs />
      <ConfirmHost />
      <ToastRegion />
      <TaskToasts />
    </div>
  )
}

const Localised = () => {
  const locale = useLocale()
  return (
    <I18nProvider locale={locale}>
      <Window />
    </I18nProvider>
  )
}

export const App = ({ stores }: { stores: Stores }) => (
  <StoresContext value={stores}>
    <Localised />
  </StoresContext>
)
