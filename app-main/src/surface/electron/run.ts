/** The Electron surface: one window onto a dispatcher. */
import { userInfo } from 'node:os'
import { join } from 'node:path'
import type { BrowserWindow } from 'electron'
import type { JsonFile } from '../../base/json-file.ts'
import { RemoteError } from '../../contract/index.ts'
import type { Dispatcher } from '../../dispatch/dispatcher.ts'
import { guardSession } from './guard-contents.ts'
import { serveIpc } from './ipc.ts'
import { menuTemplate } from './menu.ts'
import { loadPage, openWindow, type Electron, type WindowFiles } from './open-window.ts'
import { PAGE_SCHEME } from './page-address.ts'
import { PAGE_PRIVILEGES, pageProtocol } from './page-protocol.ts'
import { boundsFile, type WindowBounds } from './window-bounds.ts'

export interface ElectronFiles {
  /** The built renderer's folder. */
  readonly page: string
  readonly preload: string
  readonly icon: string
}

/** A failure nobody expected: say it in a box that needs no window, and end; the machines run on by themselves. */
const reportCrashes = (electron: Electron): void => {
  let reported = false
  const report = (error: unknown) => {
    if (reported) return
    reported = true
    const hint = error instanceof RemoteError && error.detail.hint ? `\n\n${error.detail.hint}` : ''
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error)
    electron.dialog.showErrorBox('Vireo has to close', `${what}${hint}\n\nVirtual machines are not affected.`)
    electron.app.exit(1)
  }
  process.on('uncaughtException', report)
  process.on('unhandledRejection', report)
}

const show = (window: BrowserWindow): void => {
  if (window.isMinimized()) window.restore()
  window.show()
  window.focus()
}

const open = async (
  electron: Electron,
  files: WindowFiles & ElectronFiles,
  dispatcher: Dispatcher,
): Promise<BrowserWindow> => {
  electron.protocol.handle(PAGE_SCHEME, pageProtocol(files.page))
  guardSession(electron.session.defaultSession)
  electron.Menu.setApplicationMenu(electron.Menu.buildFromTemplate(menuTemplate()))
  const window = await openWindow(electron, files)
  const ipc = serveIpc(
    {
      ipcMain: electron.ipcMain,
      makeChannel: () => new electron.MessageChannelMain(),
      contents: window.webContents,
    },
    dispatcher,
    { surface: 'electron', name: userInfo().username },
  )
  window.on('closed', () => ipc.dispose())
  await loadPage(window)
  return window
}

/** Quitting waits for what was begun: the bounds on their way to the disk, the backend's farewell. */
const endWell = (electron: Electron, bounds: JsonFile<WindowBounds>, dispatcher: Promise<Dispatcher>): void => {
  let ready = false
  electron.app.on('will-quit', event => {
    if (ready) return
    event.preventDefault()
    const written = bounds.update(value => value)
    void Promise.allSettled([written, dispatcher.then(value => value.dispose())]).then(() => {
      ready = true
      electron.app.quit()
    })
  })
  electron.app.on('window-all-closed', () => electron.app.quit())
}

/**
 * Runs until the window is closed. To be called in the first turn of the main process: schemes have to be registered
 * before the app is ready.
 */
export const runElectron = async (
  electron: Electron,
  files: ElectronFiles,
  createDispatcher: () => Promise<Dispatcher>,
): Promise<void> => {
  const { app } = electron
  reportCrashes(electron)
  app.enableSandbox()
  app.setName('Vireo')
  app.setPath('userData', join(app.getPath('appData'), 'vireo', 'electron'))
  electron.protocol.registerSchemesAsPrivileged([PAGE_PRIVILEGES])
  if (!app.requestSingleInstanceLock()) return app.quit()

  const dispatcher = createDispatcher()
  const bounds = boundsFile(join(app.getPath('userData'), 'window.json'))
  endWell(electron, bounds, dispatcher)
  let window: Promise<BrowserWindow> | undefined
  // Before the window is there the second start has nothing to do: it is about to appear.
  app.on('second-instance', () => void window?.then(show))
  await app.whenReady()
  window = open(electron, { ...files, bounds }, await dispatcher)
  await window
}
