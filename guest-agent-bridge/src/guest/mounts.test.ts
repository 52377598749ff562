import { expect, test } from 'vitest'
import { isDisk, parseMounts, visibleMounts } from './mounts.ts'

const text = `22 28 0:20 / /sys rw,nosuid - sysfs sysfs rw
28 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw,errors=remount-ro
30 28 0:25 / /run rw,nosuid shared:5 master:3 - tmpfs tmpfs rw,size=10%
31 28 254:2 / /media/a\\040b\\134c ro,relatime - vfat /dev/vda2 rw
32 28 254:3 /sub /data rw - xfs /dev/vda3 ro
33 28 0:40 / /home rw - btrfs /dev/vdb rw
34 28 7:0 / /data rw - ext4 /dev/loop0 rw
broken line
35 28 7:1
`

test('reads mounts with optional fields, escapes and both places of read-only', () => {
  const mounts = parseMounts(text)
  expect(mounts.map(mount => [mount.mountPoint, mount.type, mount.readOnly])).toEqual([
    ['/sys', 'sysfs', false],
    ['/', 'ext4', false],
    ['/run', 'tmpfs', false],
    ['/media/a b\\c', 'vfat', true],
    ['/data', 'xfs', true],
    ['/home', 'btrfs', false],
    ['/data', 'ext4', false],
  ])
  expect(mounts[4]).toMatchObject({ device: '254:3', root: '/sub', source: '/dev/vda3' })
})

test('tells disks from the rest, and what another mount hides', () => {
  const mounts = parseMounts(text)
  expect(mounts.filter(isDisk).map(mount => mount.source)).toEqual([
    '/dev/vda1',
    '/dev/vda2',
    '/dev/vda3',
    '/dev/vdb',
    '/dev/loop0',
  ])
  expect(visibleMounts(mounts).filter(mount => mount.mountPoint === '/data')).toHaveLength(1)
  expect(visibleMounts(mounts).find(mount => mount.mountPoint === '/data')?.source).toBe('/dev/loop0')
})
