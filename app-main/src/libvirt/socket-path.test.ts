import { expect, test } from 'vitest'
import { chooseSocket, findDaemon } from './socket-path.ts'
import { parseUri } from './uri.ts'

const choose = (
  uri: string,
  present: string[],
  who: { uid?: number; readOnly?: boolean; env?: NodeJS.ProcessEnv } = {},
) =>
  chooseSocket(
    parseUri(uri),
    { readOnly: who.readOnly ?? false },
    {
      uid: who.uid ?? 1000,
      env: who.env ?? { XDG_RUNTIME_DIR: '/run/user/1000' },
      exists: path => present.includes(path),
    },
  )

const MODULAR = '/run/libvirt/virtqemud-sock'
const MONOLITHIC = '/run/libvirt/libvirt-sock'

test('the daemon of one driver is preferred, the one for all is next', () => {
  expect(choose('qemu:///system', [MODULAR, MONOLITHIC])).toEqual({
    path: MODULAR,
    daemon: 'virtqemud',
    session: false,
  })
  expect(choose('qemu:///system', [MONOLITHIC])).toEqual({ path: MONOLITHIC, daemon: 'libvirtd', session: false })
})

test('the mode decides where both are there', () => {
  expect(choose('qemu:///system?mode=legacy', [MODULAR, MONOLITHIC]).path).toBe(MONOLITHIC)
  expect(choose('qemu:///system?mode=direct', [MONOLITHIC]).path).toBe(MODULAR)
})

test('looking only has a socket of its own, on the system', () => {
  expect(choose('qemu:///system', [`${MONOLITHIC}-ro`], { readOnly: true }).path).toBe(`${MONOLITHIC}-ro`)
  expect(choose('qemu:///session', [], { readOnly: true }).path).not.toContain('-ro')
})

test('without any socket the choice falls on what is installed', () => {
  expect(choose('qemu:///system', ['/usr/sbin/libvirtd']).daemon).toBe('libvirtd')
  expect(choose('qemu:///system', ['/usr/sbin/virtqemud', '/usr/sbin/libvirtd']).daemon).toBe('virtqemud')
})

test("a session is in the user's runtime folder, or in the cache where there is none", () => {
  expect(choose('qemu:///session', [])).toMatchObject({ path: '/run/user/1000/libvirt/libvirt-sock', session: true })
  expect(choose('qemu:///session', [], { env: { HOME: '/home/me' } }).path).toBe('/home/me/.cache/libvirt/libvirt-sock')
})

test("root's session is the system, as for libvirt's own client", () => {
  expect(choose('qemu:///session', [MONOLITHIC], { uid: 0 })).toMatchObject({ path: MONOLITHIC, session: false })
})

test('the test driver wants a daemon that has all drivers, and takes another', () => {
  const both = ['/run/user/1000/libvirt/virtqemud-sock', '/run/user/1000/libvirt/libvirt-sock']
  expect(choose('test:///default', both).path).toBe(both[1])
  expect(choose('test:///default', both.slice(0, 1)).path).toBe(both[0])
})

test('a socket that was named is taken as it is, and its daemon is not ours to start', () => {
  expect(choose('qemu:///session?socket=/x/y', [])).toMatchObject({ path: '/x/y', session: false })
})

test('a daemon is looked for in the folders of daemons and in PATH, never in the current folder', () => {
  const surroundings = {
    uid: 1000,
    env: { PATH: '.::/opt/libvirt' },
    exists: (path: string) => path === '/opt/libvirt/libvirtd',
  }
  expect(findDaemon('libvirtd', surroundings)).toBe('/opt/libvirt/libvirtd')
  expect(findDaemon('libvirtd', { ...surroundings, exists: path => path === 'libvirtd' })).toBeUndefined()
})
