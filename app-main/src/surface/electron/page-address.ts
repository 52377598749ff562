/** Our page's address, and what a page at it may do. Pure: the electron parts ask here. */

export const PAGE_SCHEME = 'app'
const PAGE_HOST = 'vireo'
export const PAGE_URL = `${PAGE_SCHEME}://${PAGE_HOST}/`

/** Whether an address or origin is our page's. */
export const isPage = (address: string): boolean => {
  const url = URL.parse(address)
  return url !== null && url.protocol === `${PAGE_SCHEME}:` && url.host === PAGE_HOST && url.username === ''
}

/** The address to hand to the system's browser; undefined for whatever is not a plain web page. */
export const externalAddress = (address: string): string | undefined => {
  const url = URL.parse(address)
  return url?.protocol === 'https:' && url.username === '' ? url.href : undefined
}

// What consoles need: full screen with its keys, the pointer, and text from and to the clipboard. Electron asks nobody, so
// what is not named here is refused; the page reads the clipboard when a person pastes, and at no other time.
const PERMISSIONS = new Set([
  'clipboard-read',
  'clipboard-sanitized-write',
  // Writing where the person chose in the file dialog, file by file.
  'fileSystem',
  'fullscreen',
  'keyboardLock',
  'pointerLock',
])

export const mayUse = (permission: string, address: string): boolean => PERMISSIONS.has(permission) && isPage(address)
