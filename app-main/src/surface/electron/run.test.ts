import { EventEmitter } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Emitter } from '../../base/emitter.ts'
import type { Dispatcher, PublishedEvent } from '../../dispatch/dispatcher.ts'
import type { Electron } from './open-window.ts'
import { runElectron } from './run.ts'

const CRASHES = ['uncaughtException', 'unhandledRejection'] as const

let folder: string
/** What listened before the test: the test runner does, too. */
let before: Map<string, unknown[]>

/** The listeners that the surface has added. */
const added = (name: (typeof CRASHES)[number]) =>
  process.listeners(name as 'uncaughtException').filter(listener => !before.get(name)?.includes(listener))

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vireo-electron-'))
  before = new Map(CRASHES.map(name => [name, process.listeners(name as 'uncaughtException')]))
})

afterEach(async () => {
  for (const name of CRASHES) for (const listener of added(name)) process.off(name, listener)
  await rm(folder, { recursive: true, maxRetries: 5 })
})

/** The parts of Electron that the composition touches; `log` keeps what was done, in order. */
const fakeElectron = ({ first = true } = {}) => {
  const log: string[] = []
  const note = (what: string) => () => void log.push(what)
  const app = Object.assign(new EventEmitter(), {
    enableSandbox: note('sandbox'),
    setName() {},
    setPath() {},
    getPath: () => folder,
    requestSingleInstanceLock: () => first,
    whenReady: async () => void log.push('ready'),
    quit() {
      log.push('quit')
      app.emit('will-quit', { preventDefault: note('held back') })
    },
    exit: (code: number) => void log.push(`exit ${code}`),
  })
  class BrowserWindow extends EventEmitter {
    static options: { webPreferences: object } | undefined
    readonly webContents = Object.assign(new EventEmitter(), { setWindowOpenHandler() {}, reload: note('reload') })
    constructor(options: { webPreferences: object }) {
      super()
      BrowserWindow.options = options
    }
    loadURL = async (url: string) => void log.push(`load ${url}`)
    isMinimized = () => true
    restore = note('restore')
    show = note('show')
    focus = note('focus')
  }
  const display = { id: 1, workArea: { x: 0, y: 0, width: 1920, height: 1040 } }
  const electron = {
    app,
    BrowserWindow,
    dialog: {
      showErrorBox: (title: string, text: string) => void log.push(`box ${title}: ${text}`),
      showMessageBox: async () => ({ response: 0 }),
    },
    ipcMain: { handle: note('handle'), removeHandler: note('unhandle') },
    Menu: { buildFromTemplate: () => ({}), setApplicationMenu: note('menu') },
    nativeTheme: { shouldUseDarkColors: false },
    protocol: { registerSchemesAsPrivileged: note('scheme'), handle: note('protocol') },
    screen: { getPrimaryDisplay: () => display, getAllDisplays: () => [display] },
    session: { defaultSession: new Proxy({}, { get: () => () => {} }) },
    shell: {},
  }
  return { electron: electron as unknown as Electron, app, log, BrowserWindow }
}

const files = { page: '/page', preload: '/preload.cjs', icon: '/icon.png' }
const dispatcher = (dispose = () => {}): Dispatcher => ({
  call: async () => ({ ok: true, value: null }),
  open: async () => ({ ok: false, error: { kind: 'not-found', message: 'no' } }),
  onEvent: new Emitter<PublishedEvent>().event,
  dispose,
})

test('the scheme is registered before the app is ready, and the page is loaded when its calls are served', async () => {
  const { electron, log, BrowserWindow } = fakeElectron()
  await runElectron(electron, files, async () => dispatcher())
  const order = ['sandbox', 'scheme', 'ready', 'protocol', 'handle', 'load app://vireo/'].map(step => log.indexOf(step))
  expect(order).not.toContain(-1)
  expect(order).toEqual([...order].sort((a, b) => a - b))
  expect(BrowserWindow.options?.webPreferences).toMatchObject({
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    preload: '/preload.cjs',
  })
})

test('a second instance ends at once and starts no backend; the first shows its window', async () => {
  const create = vi.fn(async () => dispatcher())
  const second = fakeElectron({ first: false })
  await runElectron(second.electron, files, create)
  expect(second.log).toContain('quit')
  expect(create).not.toHaveBeenCalled()

  const first = fakeElectron()
  await runElectron(first.electron, files, create)
  first.app.emit('second-instance')
  await vi.waitFor(() => expect(first.log.slice(-3)).toEqual(['restore', 'show', 'focus']))
})

test('quitting waits until the backend has said farewell', async () => {
  const dispose = vi.fn()
  const { electron, app, log } = fakeElectron()
  await runElectron(electron, files, async () => dispatcher(dispose))
  app.emit('window-all-closed')
  await vi.waitFor(() => expect(log.filter(step => step === 'quit')).toHaveLength(2))
  expect(log.filter(step => step === 'held back')).toHaveLength(1)
  expect(dispose).toHaveBeenCalledOnce()
})

test('a failure that nobody expected is said in a box before the end, once', async () => {
  const { electron, log } = fakeElectron()
  await runElectron(electron, files, async () => dispatcher())
  for (const listener of added('uncaughtException'))
    for (const text of ['broken pipe in the sky', 'and another']) listener(new Error(text), 'uncaughtException')
  const boxes = log.filter(step => step.startsWith('box'))
  expect(boxes).toHaveLength(1)
  expect(boxes[0]).toContain('broken pipe in the sky')
  expect(log).toContain('exit 1')
})
