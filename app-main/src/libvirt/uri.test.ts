import { describe, expect, test } from 'vitest'
import { ConnectionError } from './errors.ts'
import { parseUri } from './uri.ts'

test.each([
  ['qemu:///system', { driver: 'qemu', transport: 'unix', path: '/system', name: 'qemu:///system', mode: 'auto' }],
  ['qemu+unix:///session', { driver: 'qemu', transport: 'unix', path: '/session', name: 'qemu:///session' }],
  ['QEMU:///system', { driver: 'qemu', name: 'qemu:///system' }],
  ['lxc:///', { driver: 'lxc', path: '/', name: 'lxc:///' }],
  ['vbox:///session', { driver: 'vbox', name: 'vbox:///session' }],
  ['test:///default', { driver: 'test', name: 'test:///default' }],
  ['test:///tmp/a%20node.xml', { path: '/tmp/a%20node.xml', name: 'test:///tmp/a%20node.xml' }],
  ['qemu:///system?socket=/x/sock', { socket: '/x/sock', name: 'qemu:///system' }],
  ['qemu:///system?mode=legacy&extra=1', { mode: 'legacy', name: 'qemu:///system?extra=1' }],
  [
    'qemu+ssh://me@host:2222/system',
    { transport: 'ssh', host: 'host', port: 2222, user: 'me', name: 'qemu:///system' },
  ],
  ['qemu://host/system', { transport: 'tls', host: 'host' }],
])('%s is understood', (uri, expected) => {
  expect(parseUri(uri)).toMatchObject({ uri, ...expected })
})

describe('what has no daemon to talk to is refused with the reason', () => {
  test.each([
    ['esx://host/', 'VMware ESX'],
    ['vpx://host/dc', 'vCenter'],
    ['hyperv://host/', 'Hyper-V'],
    ['vmwarews:///session', 'VMware Workstation'],
    ['qemu:///embed?root=/x', 'embedded'],
    ['qemu+unix://host/system', 'no host'],
    ['qemu+carrier-pigeon://host/system', 'not known'],
    ['qemu:///system?mode=sideways', 'mode'],
    ['not a uri', 'looks like'],
    ['qemu:system', 'looks like'],
    ['', 'looks like'],
    ['qemu:///sys\ntem', 'control characters'],
    ['qemu:///system\0', 'control characters'],
  ])('%j', (uri, reason) => {
    expect(() => parseUri(uri)).toThrow(ConnectionError)
    expect(() => parseUri(uri)).toThrow(reason)
  })
})
