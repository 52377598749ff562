import { expect, test } from 'vitest'
import { whyElectronEnded } from './electron-end.mjs'

test.each([
  [
    '[4711:1121/101500.1:FATAL:sandbox/linux/suid/client/setuid_sandbox_host.cc:166] The SUID sandbox helper binary was found, but is not configured correctly. Rather than run without sandboxing I am aborting now.\n',
    'The SUID sandbox helper binary was found, but is not configured correctly',
  ],
  [
    '/x/electron: error while loading shared libraries: libgtk-3.so.0: cannot open shared object file: No such file or directory\n',
    '/x/electron: error while loading shared libraries: libgtk-3.so.0: cannot open shared object file: No such file or directory',
  ],
  ['[1:1:ERROR:dbus/bus.cc:408] Failed to connect.\n[1:1:FATAL:gpu.cc:1] No GPU.\n', 'No GPU'],
])('%s', (said, why) => {
  expect(whyElectronEnded(1, null, said)).toBe(why)
})

test('who says nothing of use is judged by the way it ended', () => {
  expect(whyElectronEnded(3, null, 'hello\n')).toBe('it ended at once with code 3')
  expect(whyElectronEnded(null, 'SIGTRAP', '')).toBe('it was ended at once by SIGTRAP')
})

test('what it said is one short line that a terminal does not obey', () => {
  expect(whyElectronEnded(1, null, `error \u001b[31m${'x'.repeat(400)}`)).toMatch(/^error \[31mx{1,160}$/)
})
