import { describe, expect, it } from 'vitest'
import type { ConnectionUri } from '../../contract/index.ts'
import { KvmDriver } from './driver.ts'

const driver = new KvmDriver()

describe('KvmDriver', () => {
  it.each([
    'qemu:///system',
    'qemu:///session',
    'qemu:///session?socket=/run/user/1/libvirt/libvirt-sock',
    'test:///default',
    'test+unix:///default',
    'lxc:///',
    'xen:///system',
  ])('accepts %s', uri => expect(driver.accepts(uri)).toBe(true))

  it.each(['esx://h/', 'vpx://h/', 'hyperv://h/', 'memory:///a', 'qemu', '', 'qemu:///embed', 'http://x/', '$(x):///'])(
    'leaves %j to others',
    uri => expect(driver.accepts(uri)).toBe(false),
  )

  it.each([
    ['qemu:///session', 'kvm'],
    ['test:///default', 'test'],
    ['lxc:///', 'other'],
  ])('calls the machines of %s %s', (uri, kind) => {
    const connection = driver.create(uri as ConnectionUri)
    expect(connection.status).toMatchObject({ kind, state: 'connecting', host: null })
    connection.dispose()
  })

  it('knows what to try', async () => {
    for (const uri of await driver.defaults()) expect(driver.accepts(uri)).toBe(true)
  })
})
