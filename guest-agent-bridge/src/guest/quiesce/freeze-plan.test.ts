import { expect, test } from 'vitest'
import { parseMounts } from '../mounts.ts'
import { RpcError } from '../rpc-error.ts'
import { freezePlan } from './freeze-plan.ts'

const mounts = parseMounts(`28 1 254:1 / / rw - ext4 /dev/vda1 rw
29 28 0:25 / /run rw - tmpfs tmpfs rw
30 28 254:2 / /boot ro - ext4 /dev/vda2 ro
31 28 254:1 /srv /mnt/bind rw - ext4 /dev/vda1 rw
32 28 0:40 / /home rw - btrfs /dev/vdb rw
33 32 7:0 / /home/image rw - xfs /dev/loop0 rw
34 28 0:50 / /net rw - nfs4 host:/ rw
`)

test('freezes writable disks once each, what was mounted last first', () => {
  expect(freezePlan(mounts, undefined).map(target => [target.mount_point, target.optional])).toEqual([
    ['/home/image', true],
    ['/home', true],
    ['/', true],
  ])
})

test('freezes what was named, in its own order', () => {
  expect(freezePlan(mounts, ['/', '/home/image/']).map(target => [target.mount_point, target.optional])).toEqual([
    ['/home/image', false],
    ['/', false],
  ])
})

test.each(['/nothing', '/boot', '/home/imag'])('refuses %s', path => {
  expect(() => freezePlan(mounts, [path])).toThrow(RpcError)
})
