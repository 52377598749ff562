import { describe, expect, it } from 'vitest'
import { parseDomainXml } from './domain-xml.ts'

const FULL = `<domain type='qemu' id='7'>
  <name>web 1 &lt;b&gt; 😀</name>
  <uuid>4dea22b3-1d52-d8f3-2516-782e98ab3fa0</uuid>
  <title>Web</title>
  <description>Serves
pages</description>
  <metadata>
    <other:thing xmlns:other='urn:other'><other:os id='wrong'/></other:thing>
    <lo:libosinfo xmlns:lo="http://libosinfo.org/xmlns/libvirt/domain/1.0"><lo:os id="http://debian.org/debian/12"/></lo:libosinfo>
  </metadata>
  <memory unit='GiB'>2</memory>
  <currentMemory>524288</currentMemory>
  <vcpu current='2'>4</vcpu>
  <os firmware='efi'><type arch='x86_64' machine='pc-q35-7.2'>hvm</type><nvram>/var/lib/libvirt/qemu/nvram/w.fd</nvram></os>
  <devices>
    <disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/a b.qcow2'/><target dev='vda' bus='virtio'/></disk>
    <disk type='file' device='cdrom'><target dev='sda' bus='sata'/></disk>
    <disk type='volume' device='disk'><source pool='p' volume='v'/><target dev='vdb' bus='virtio'/><shareable/></disk>
    <disk type='network' device='disk'><source protocol='nbd' name='x'><host name='h'/></source><target dev='vdc'/></disk>
    <interface type='network'><mac address='52:54:00:AA:BB:CC'/><source network='default'/><target dev='vnet1'/><model type='virtio'/></interface>
    <interface type='user'><link state='down'/></interface>
    <serial type='pty'><target port='0'/><alias name='serial0'/></serial>
    <console type='pty'><target type='serial' port='0'/><alias name='serial0'/></console>
    <console type='pty'><target type='virtio' port='1'/><alias name='console1'/></console>
    <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0' state='connected'/></channel>
    <graphics type='vnc' port='5901' autoport='yes' passwd='geheim'><listen type='address' address='127.0.0.1'/></graphics>
    <graphics type='spice' port='-1'/>
  </devices>
</domain>`

describe('parseDomainXml', () => {
  it('reads the facts', () => {
    expect(parseDomainXml(FULL)).toMatchObject({
      virtType: 'qemu',
      name: 'web 1 <b> 😀',
      title: 'Web',
      description: 'Serves\npages',
      osId: 'http://debian.org/debian/12',
      arch: 'x86_64',
      machine: 'pc-q35-7.2',
      firmware: 'uefi',
      nvram: '/var/lib/libvirt/qemu/nvram/w.fd',
      vcpus: 2,
      memoryBytes: 512 * 1024 ** 2,
      maxMemoryBytes: 2 * 1024 ** 3,
      disks: [
        { target: 'vda', bus: 'virtio', format: 'qcow2', path: '/a b.qcow2', readOnly: false },
        { target: 'sda', device: 'cdrom', source: null, readOnly: true },
        { target: 'vdb', source: 'p/v', shareable: true },
        { target: 'vdc', source: 'nbd://h/x', path: null },
      ],
      interfaces: [
        { mac: '52:54:00:aa:bb:cc', model: 'virtio', source: 'default', target: 'vnet1', linkUp: true },
        { type: 'user', mac: null, linkUp: false },
      ],
      consoles: [
        { kind: 'serial', alias: 'serial0', type: 'pty' },
        { kind: 'console', alias: 'console1', targetType: 'virtio' },
      ],
      channels: [{ name: 'org.qemu.guest_agent.0', connected: true }],
      graphics: [
        { type: 'vnc', port: 5901, address: '127.0.0.1', password: 'geheim' },
        { type: 'spice', port: null, address: null },
      ],
    })
  })

  it('knows nothing about an empty domain and says so', () => {
    expect(parseDomainXml('<domain/>')).toMatchObject({ uuid: null, title: null, osId: null, machine: null, disks: [] })
  })

  it('does not take nonsense for numbers', () => {
    const facts = parseDomainXml("<domain><memory unit='furlongs'>5</memory><vcpu>many</vcpu></domain>")
    expect(facts).toMatchObject({ memoryBytes: 0, vcpus: 1 })
  })
})
