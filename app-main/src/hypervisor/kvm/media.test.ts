import { describe, expect, it } from 'vitest'
import { RemoteError } from '../../contract/index.ts'
import { LibvirtError } from '../../libvirt/index.ts'
import { mediaFailure } from './media-failure.ts'
import { mediaOf } from './media.ts'

const cd = (target: string, source: string) =>
  `<disk type='file' device='cdrom'>${source && `<source file='${source}'/>`}<target dev='${target}' bus='sata'/></disk>`
const domain = (...disks: readonly string[]) =>
  `<domain><os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os><devices>${disks.join('')}</devices></domain>`

describe('the media of a machine', () => {
  it('are those of the running one, and what will be at its next start', () => {
    const { drives, boot } = mediaOf(domain(cd('sda', '/a.iso')), domain(cd('sda', ''), cd('sdb', '/b.iso')))
    expect(drives).toEqual([
      { target: 'sda', bus: 'sata', source: '/a.iso', nextSource: null, open: false, present: true },
      { target: 'sdb', bus: 'sata', source: null, nextSource: '/b.iso', open: false, present: false },
    ])
    expect(boot.map(({ device }) => device)).toEqual(['sda', 'sdb'])
  })

  it('are those of the definition while it is off, and of the machine where it has none', () => {
    const off = mediaOf(null, domain(cd('sda', '/a.iso')))
    expect(off.drives).toMatchObject([{ source: '/a.iso', nextSource: '/a.iso', present: true }])
    expect(mediaOf(domain(cd('sda', '/a.iso')), null)).toEqual(off)
  })
})

describe('a daemon that does not change a medium', () => {
  const said = (message: string, code = 1) =>
    mediaFailure(new LibvirtError(payload(message, code)), 'web', '/home/ada/a.iso').detail
  const payload = (message: string, code: number) => ({
    ...{ message, code, domain: 10, level: 2, str1: null, str2: null, str3: null },
    ...{ int1: 0, int2: 0 },
  })

  it('is told in words that say what to do', () => {
    const locked = `internal error: unable to execute QEMU command 'blockdev-open-tray': Device 'sata0-0-0' is locked and force was not specified, wait for tray to open and try again`
    expect(said(locked)).toMatchObject({ kind: 'precondition', hint: expect.stringContaining('Unmount') })
    expect(said(`Cannot access storage file '/home/ada/a.iso': No such file or directory`, 38)).toMatchObject({
      kind: 'not-found',
    })
    expect(said(`Could not open '/home/ada/a.iso': Permission denied`)).toMatchObject({ kind: 'permission' })
    const named = mediaFailure(
      new LibvirtError(payload(`it failed for '/iso/tray is locked and force.iso'`, 1)),
      'web',
      '/iso/tray is locked and force.iso',
    )
    expect(named.detail.kind).toBe('libvirt')
    expect(said('something else')).toMatchObject({ kind: 'libvirt', message: 'something else' })
  })

  it('keeps what was told already', () => {
    const own = new RemoteError({ kind: 'not-found', message: 'There is no drive in the tray.' })
    expect(mediaFailure(own, 'web', null)).toBe(own)
    // Emptying needs no file.
    expect(mediaFailure(new LibvirtError(payload('No such file or directory', 1)), 'web', null).detail.kind).toBe(
      'libvirt',
    )
  })
})
