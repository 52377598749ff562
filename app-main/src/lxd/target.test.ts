import { describe, expect, it } from 'vitest'
import { isLxdUri, likelySocket, lxdTarget, usualSockets } from './target.ts'

const unsupported = { kind: 'connection', trouble: 'unsupported-driver' }

describe('an address of LXD or Incus', () => {
  it.each([
    ['lxd:///', 'lxd', 'default'],
    ['LXD:///', 'lxd', 'default'],
    ['lxd://', 'lxd', 'default'],
    ['incus:///?project=web', 'incus', 'web'],
    ['lxd:///?project=a.b_c', 'lxd', 'a.b_c'],
  ])('%s', (uri, product, project) => {
    expect(lxdTarget(uri, {})).toMatchObject({ product, project, sockets: usualSockets(product as 'lxd', {}) })
  })

  it('names a socket', () => {
    expect(lxdTarget('lxd:///?socket=/tmp/a b:c.socket').sockets).toEqual(['/tmp/a b:c.socket'])
  })

  it('follows the variables that the daemon’s own client follows', () => {
    expect(lxdTarget('lxd:///', { LXD_DIR: '/srv/lxd' }).sockets).toEqual(['/srv/lxd/unix.socket'])
    expect(lxdTarget('incus:///', { INCUS_SOCKET: '/x', INCUS_DIR: '/y' }).sockets).toEqual(['/x'])
  })

  it.each([
    'lxd://host/',
    'lxd://host:8443/',
    'lxd:///default',
    'lxd:///?project=../x',
    'lxd:///?project=my%20shop',
    'lxd:///?project=..',
    'lxd:///?project=',
    'lxd:///?socket=relative',
    'lxd:///?verify=no',
    'lxd:///\n',
    'qemu:///system',
    '',
  ])('refuses %j', uri => {
    expect(() => lxdTarget(uri, {})).toThrow(expect.objectContaining({ detail: expect.objectContaining(unsupported) }))
  })

  it('is told from others by its scheme', () => {
    expect(['lxd:///', 'incus://h/', 'lxdx:///', 'qemu:///system', ''].map(isLxdUri)).toEqual([
      ...[true, true, false, false, false],
    ])
  })

  it('takes the socket that is there, else the likeliest', () => {
    const target = lxdTarget('lxd:///', {})
    expect(likelySocket(target, path => path === '/var/lib/lxd/unix.socket')).toBe('/var/lib/lxd/unix.socket')
    expect(likelySocket(target, () => false)).toBe(target.sockets[0])
  })
})
