import { describe, expect, it } from 'vitest'
import { parseXml } from './document.ts'
import { bootDevicesOf, drivesOf, findDrive, newDrive, withBootFirst, withMedium } from './media.ts'

const CD = `<disk type='file' device='cdrom'>
      <driver name='qemu' type='raw'/>
      <source file='/iso/debian.iso' startupPolicy='optional' index='1'/>
      <backingStore/>
      <target dev='sda' bus='sata' tray='open'/>
      <readonly/>
      <boot order='2'/>
      <alias name='sata0-0-0'/>
    </disk>`
const EMPTY = `<disk type='network' device='cdrom'><target dev='sdb' bus='sata'/><readonly/></disk>`
const DISK = `<disk type='file' device='disk'><source file='/vm.qcow2'/><target dev='vda' bus='virtio'/><boot order='1'/></disk>`
const NIC = `<interface type='network'><mac address='52:54:00:AA:00:01'/></interface>`
const domain = (devices: readonly string[], os = '', machine = 'pc-q35-7.2') => `<domain>
  <!-- kept -->
  <os>
    <type arch='x86_64' machine='${machine}'>hvm</type>${os}
  </os>
  <devices>
    ${devices.join('\n    ')}
  </devices>
</domain>`

describe('the drives of a definition', () => {
  it('are its CD drives, with what lies in them', () => {
    expect(drivesOf(domain([DISK, CD, EMPTY]))).toEqual([
      { target: 'sda', bus: 'sata', source: '/iso/debian.iso', open: true },
      { target: 'sdb', bus: 'sata', source: null, open: false },
    ])
    expect(findDrive(domain([DISK, CD]), 'sda')).toBe(CD)
    expect(findDrive(domain([DISK, CD]), 'vda')).toBeNull()
  })

  it('take another medium, as plain bytes, and keep everything else', () => {
    const changed = withMedium(CD, '/iso/other.iso')
    expect(changed).toBe(
      CD.replace(/<source.*\/>/, `<source file='/iso/other.iso' startupPolicy='optional'/>`)
        .replace(/\n *<backingStore\/>/, '')
        .replace(`tray='open'`, `tray='closed'`),
    )
    expect(withMedium(EMPTY, '/a.iso')).toContain(`type='file'`)
    expect(drivesOf(domain([withMedium(EMPTY, '/a.iso')]))[0]?.source).toBe('/a.iso')
    expect(withMedium(CD.replace(`type='raw'`, `type='qcow2'`), '/a.iso')).toContain(`type='raw'`)
  })

  it('are emptied, and an empty one stays so', () => {
    expect(drivesOf(domain([withMedium(CD, null)]))[0]?.source).toBeNull()
    expect(withMedium(EMPTY, null)).toBe(EMPTY.replace('network', 'file'))
  })

  it('hold whatever a path holds, and nothing more', () => {
    const evil = `/a'/><source file="/etc/shadow"/>\n&amp;.iso`
    const { root } = parseXml(withMedium(CD, evil))
    expect(root.children.filter(({ name }) => name === 'source')).toHaveLength(1)
    expect(drivesOf(domain([withMedium(CD, `/a'"<&.iso`)]))[0]?.source).toBe(`/a'"<&.iso`)
    expect(() => withMedium(CD, '/a\u0000')).toThrow(/cannot carry/)
  })

  it('come where there is a place: on the bus of the machine, on USB while it runs', () => {
    expect(newDrive(domain([DISK]), '/a.iso', false)).toMatchObject({ target: 'sda' })
    expect(newDrive(domain([CD]), '/a.iso', false, ['sdb'])).toMatchObject({ target: 'sdc' })
    expect(newDrive(domain([CD]), '/a.iso', true).xml).toContain(`<target dev='sdb' bus='usb'/>`)
    expect(newDrive(domain([DISK], '', 'pc-i440fx-7.2'), '/a.iso', false).xml).toContain(`dev='hda' bus='ide'`)
    const arm = domain([DISK], '', 'virt').replace('x86_64', 'aarch64')
    expect(newDrive(arm, '/a.iso', false).xml).toContain(`bus='scsi'`)
    const full = ['hda', 'hdb', 'hdc', 'hdd']
    expect(() => newDrive(domain([], '', 'pc'), '/a.iso', false, full)).toThrow(/no place/)
  })
})

describe('what a machine starts from', () => {
  it('is told at the devices, or by kinds', () => {
    expect(bootDevicesOf(domain([DISK, CD, NIC]))).toEqual([
      { device: 'vda', kind: 'disk', order: 1 },
      { device: 'sda', kind: 'cdrom', order: 2 },
      { device: '52:54:00:aa:00:01', kind: 'network', order: null },
    ])
    const plain = DISK.replace(`<boot order='1'/>`, '')
    const second = plain.replace('vda', 'vdb')
    const kinds = domain([plain, second, EMPTY, NIC], `<boot dev='network'/><boot dev='cdrom'/><boot dev='hd'/>`)
    expect(bootDevicesOf(kinds).map(({ device, order }) => [device, order])).toEqual([
      ['vda', 3],
      ['vdb', null],
      ['sdb', 2],
      ['52:54:00:aa:00:01', 1],
    ])
    expect(bootDevicesOf(domain([plain, second]))[0]?.order).toBe(1)
  })

  it('begins with the one that is chosen, and goes on as before', () => {
    const first = withBootFirst(domain([DISK, CD, NIC]), 'sda') ?? ''
    expect(first).toBe(domain([DISK.replace(`order='1'`, `order='2'`), CD.replace(`order='2'`, `order='1'`), NIC]))
    expect(withBootFirst(first, 'sda')).toBe(first)
    const nic = withBootFirst(first, '52:54:00:aa:00:01') ?? ''
    expect(bootDevicesOf(nic).map(({ device, order }) => [device, order])).toEqual([
      ['vda', 3],
      ['sda', 2],
      ['52:54:00:aa:00:01', 1],
    ])
  })

  it('is said at the devices afterwards, because libvirt takes no mixture', () => {
    const plain = DISK.replace(`<boot order='1'/>`, '')
    const changed = withBootFirst(domain([plain, EMPTY], `\n    <boot dev='hd'/>`), 'sdb') ?? ''
    expect(changed).not.toContain('<boot dev')
    expect(changed).toContain('<!-- kept -->')
    expect(bootDevicesOf(changed).map(({ order }) => order)).toEqual([2, 1])
  })

  it('does not change for a device that is not there', () => {
    expect(withBootFirst(domain([DISK, CD]), 'sdz')).toBeNull()
    expect(withBootFirst(domain([`<hostdev/>`]), '')).toBeNull()
  })
})
