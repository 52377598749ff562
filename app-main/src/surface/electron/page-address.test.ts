import { expect, test } from 'vitest'
import { externalAddress, isPage, mayUse } from './page-address.ts'

test.each(['app://vireo/', 'app://vireo', 'app://vireo/assets/a.js', 'app://vireo/#/machines'])(
  '%s is our page',
  address => {
    expect(isPage(address)).toBe(true)
  },
)

test.each([
  'app://evil/',
  'app://vireo.evil/',
  'app://vireo:80/',
  'app://user@vireo/',
  'https://vireo/',
  'file:///',
  'null',
  '',
])('“%s” is not our page', address => {
  expect(isPage(address)).toBe(false)
})

test('only plain https addresses leave for the browser', () => {
  expect(externalAddress('https://libvirt.org/docs')).toBe('https://libvirt.org/docs')
  for (const address of [
    'http://libvirt.org',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'vireo://x',
    'https://user@host/',
    'smb://host/share',
    'not an address',
  ])
    expect(externalAddress(address)).toBeUndefined()
})

test('our page may use the few things that consoles need; nobody else may', () => {
  for (const permission of [
    'clipboard-read',
    'clipboard-sanitized-write',
    'fileSystem',
    'fullscreen',
    'keyboardLock',
    'pointerLock',
  ]) {
    expect(mayUse(permission, 'app://vireo/')).toBe(true)
    expect(mayUse(permission, 'https://evil.example/')).toBe(false)
  }
  for (const permission of [
    'deprecated-sync-clipboard-read',
    'media',
    'geolocation',
    'notifications',
    'openExternal',
    'usb',
    'hid',
    'unknown',
  ])
    expect(mayUse(permission, 'app://vireo/')).toBe(false)
})
