import { expect, test } from 'vitest'
import { enabledOf, parseShow, parseUnitFiles, stateOf } from './systemd.ts'

test('reads units as systemctl shows them', () => {
  const text = 'Id=cron.service\nDescription=Regular a=b\nActiveState=active\n\nId=ssh.service\nDescription=\n\n'
  expect(parseShow(text).map(unit => [unit.get('Id'), unit.get('Description')])).toEqual([
    ['cron.service', 'Regular a=b'],
    ['ssh.service', ''],
  ])
  expect(parseShow('')).toEqual([])
})

test('understands states', () => {
  expect(stateOf('active', 'running')).toBe('running')
  expect(stateOf('active', 'exited')).toBe('exited')
  expect(stateOf('activating', 'start')).toBe('starting')
  expect(stateOf('deactivating', 'stop')).toBe('stopping')
  expect(stateOf('inactive', 'dead')).toBe('stopped')
  expect(stateOf('failed', 'failed')).toBe('failed')
  expect(stateOf('maintenance', '')).toBe('unknown')
  expect(stateOf(undefined, undefined)).toBe('unknown')
})

test('knows what starts at boot, and where the question has no answer', () => {
  expect(['enabled', 'enabled-runtime', 'disabled', 'masked', 'static', 'generated', ''].map(enabledOf)).toEqual([
    true,
    true,
    false,
    false,
    null,
    null,
    null,
  ])
})

test('takes unit files with and without the preset column, but no templates and aliases', () => {
  const text =
    'apt.service  disabled enabled\ngetty@.service enabled enabled\nsyslog.service alias -\ncron.service static\n\n'
  expect(parseUnitFiles(text)).toEqual([
    { name: 'apt', description: null, state: 'stopped', enabled: false },
    { name: 'cron', description: null, state: 'stopped', enabled: null },
  ])
})
