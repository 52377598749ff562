import { expect, test } from 'vitest'
import { powerCommands } from './power.ts'

test('asks the init system first, and has something for a guest without it', () => {
  expect(powerCommands('poweroff', false, 'systemd')[0]).toEqual(['systemctl', '--no-block', 'poweroff'])
  expect(powerCommands('reboot', false, 'openrc')[0]).toEqual(['openrc-shutdown', '-r', 'now'])
  expect(powerCommands('halt', false, null)).toEqual([['halt'], ['shutdown', '-H', 'now']])
})

test('force leaves the init system out', () => {
  expect(powerCommands('poweroff', true, 'systemd')).toEqual([['poweroff', '-f']])
})
