import type { MenuItemConstructorOptions } from 'electron'

/**
 * The application menu. Few accelerators, and none that a shell or an editor inside a guest lives by (Ctrl+W, Ctrl+R);
 * while a console has focus they all rest.
 */
export const menuTemplate = (): MenuItemConstructorOptions[] => [
  { role: 'fileMenu', submenu: [{ role: 'quit', accelerator: 'CmdOrCtrl+Q' }] },
  { role: 'editMenu' },
  {
    label: 'View',
    submenu: [
      { role: 'resetZoom' },
      { role: 'zoomIn' },
      { role: 'zoomOut' },
      { type: 'separator' },
      { role: 'togglefullscreen', accelerator: 'F11' },
      { type: 'separator' },
      { role: 'toggleDevTools', accelerator: 'CmdOrCtrl+Shift+F12' },
    ],
  },
  { label: 'Window', submenu: [{ role: 'minimize', accelerator: '' }] },
  { role: 'help', submenu: [{ role: 'about' }] },
]
