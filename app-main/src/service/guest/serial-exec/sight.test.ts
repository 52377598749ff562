import { expect, test } from 'vitest'
import { lastLine, sightOf, TAKEN } from './sight.ts'

const bytes = (text: string): string => Buffer.from(text).toString('latin1')

test.each([
  '# ',
  '$ ',
  'root@vireo:~# ',
  'boot messages\r\n\u001b[?2004h\u001b[01;32mann@web\u001b[00m:\u001b[01;34m~\u001b[00m$ ',
  '/ # \u001b[6n',
  'user@host ~ % ',
  '(initramfs) ',
  '~ ❯ ',
])('a shell waits at %j', text => {
  expect(sightOf(bytes(text)).kind).toBe('shell')
})

test.each([
  ['login', 'Debian GNU/Linux 12 web ttyS0\r\n\r\nweb login: '],
  ['login', 'Login:'],
  ['password', 'web login: root\r\nPassword: '],
  ['password', '[sudo] password for ann: '],
  ['password', 'Passwort: '],
  ['activate', 'Please press Enter to activate this console. '],
  ['activate', '\r\nPlease press Enter to activate this console.\r\n'],
  ['vireo', `# \r\n${TAKEN}\r\n`],
  ['silent', ''],
  ['silent', 'starting…\r\nstarted\r\n'],
] as const)('%s waits at %j', (kind, text) => {
  expect(sightOf(bytes(text)).kind).toBe(kind)
})

test.each([
  'root@web:~# rm -rf /tm',
  'Last login: ',
  '--More--',
  '(END)',
  ':',
  'grub> ',
  'mysql> ',
  '>>> ',
  'Continue? [y/N] ',
  'GNU nano 7.2',
  'Unpacking 50%',
  '[   12.345678] usb 1-1: new device',
])('nobody known waits at %j', text => {
  expect(sightOf(bytes(text)).kind).toBe('unknown')
})

test('somebody else’s prompt is one only where we have just logged in', () => {
  expect(sightOf('fish> ', { own: true }).kind).toBe('shell')
  expect(sightOf('Current password: ', { own: true }).kind).toBe('password')
})

test('what is shown of a line cannot script whoever reads it', () => {
  const seen = sightOf('\u001b]0;title\u0007evil \u0007\u009b31m\u202e here and on and on '.padEnd(500, 'x'))
  expect(seen).toMatchObject({ kind: 'unknown' })
  const line = 'line' in seen ? seen.line : ''
  expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/)
  expect(line.length).toBeLessThanOrEqual(120)
  expect(lastLine('one\r\ntwo\r\n\r\n')).toBe('two')
})
