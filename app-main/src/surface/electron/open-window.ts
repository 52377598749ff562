import type { BrowserWindow, BrowserWindowConstructorOptions } from 'electron'
import { createLog } from '../../base/log.ts'
import type { JsonFile } from '../../base/json-file.ts'
import { guardContents } from './guard-contents.ts'
import { PAGE_URL } from './page-address.ts'
import { MIN_HEIGHT, MIN_WIDTH, restoreBounds, type WindowBounds } from './window-bounds.ts'

const log = createLog('window')

/** Milliseconds of rest before a moved or resized window is written down. */
const SAVE_DELAY = 400

export type Electron = typeof import('electron')

export interface WindowFiles {
  readonly preload: string
  readonly icon: string
  readonly bounds: JsonFile<WindowBounds>
}

const windowOptions = (
  electron: Electron,
  files: WindowFiles,
  bounds: WindowBounds,
): BrowserWindowConstructorOptions => ({
  ...(bounds.x !== undefined && bounds.y !== undefined && { x: bounds.x, y: bounds.y }),
  width: bounds.width,
  height: bounds.height,
  minWidth: MIN_WIDTH,
  minHeight: MIN_HEIGHT,
  show: false,
  title: 'Vireo',
  icon: files.icon,
  // The page's own backgrounds, so that nothing flashes before it paints.
  backgroundColor: electron.nativeTheme.shouldUseDarkColors ? '#15171a' : '#ffffff',
  webPreferences: {
    preload: files.preload,
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    webviewTag: false,
    spellcheck: false,
  },
})

/** Writes the bounds down when the window comes to rest and when it closes. */
const remember = (window: BrowserWindow, file: JsonFile<WindowBounds>): void => {
  let timer: NodeJS.Timeout | undefined
  const save = () => {
    clearTimeout(timer)
    const value: WindowBounds = { ...window.getNormalBounds(), maximized: window.isMaximized() }
    file.update(() => value).catch((error: unknown) => log.warn('bounds cannot be kept', { error }))
  }
  const later = () => {
    clearTimeout(timer)
    timer = setTimeout(save, SAVE_DELAY)
  }
  window.on('resize', later)
  window.on('move', later)
  window.on('close', save)
}

const offerReload = async (electron: Electron, window: BrowserWindow, reason: string): Promise<void> => {
  const { response } = await electron.dialog.showMessageBox(window, {
    type: 'error',
    message: 'The window stopped working.',
    detail: `Reason: ${reason}. Virtual machines and running tasks are not affected.`,
    buttons: ['Reload', 'Quit'],
    defaultId: 0,
    cancelId: 0,
  })
  if (response === 0) window.webContents.reload()
  else electron.app.quit()
}

/** Opens the window where it was last and loads the page. */
export const openWindow = async (electron: Electron, files: WindowFiles): Promise<BrowserWindow> => {
  const primary = electron.screen.getPrimaryDisplay()
  const others = electron.screen.getAllDisplays().filter(display => display.id !== primary.id)
  const areas = [primary, ...others].map(display => display.workArea)
  const bounds = restoreBounds(await files.bounds.read(), areas)
  const window = new electron.BrowserWindow(windowOptions(electron, files, bounds))
  if (bounds.maximized) window.maximize()
  remember(window, files.bounds)
  guardContents(window.webContents, electron.shell)
  window.once('ready-to-show', () => window.show())
  // A page that was loaded again holds no keys.
  window.webContents.on('did-navigate', () => window.webContents.setIgnoreMenuShortcuts(false))
  window.webContents.on('render-process-gone', (_event, details) => {
    if (details.reason !== 'clean-exit') void offerReload(electron, window, details.reason)
  })
  return window
}

/** To be called when whatever the page will ask for is being served. */
export const loadPage = (window: BrowserWindow): Promise<void> => window.loadURL(PAGE_URL)
