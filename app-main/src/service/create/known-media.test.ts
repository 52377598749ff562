import { expect, it } from 'vitest'
import { CATALOGUE } from '../../image/catalogue.ts'
import { catalogueIdOf } from './known-media.ts'

it.each([
  ['Debian 12.5.0 amd64 n', 'debian-12'],
  ['Debian 13.1.0 arm64 1', 'debian-13'],
  ['d-live 12.5.0 gn amd64', 'debian-12'],
  ['Ubuntu-Server 24.04.1 LTS amd64', 'ubuntu-24.04'],
  ['Ubuntu 22.04.4 LTS amd64', 'ubuntu-22.04'],
  ['Fedora-S-dvd-x86_64-43', 'fedora-43'],
  ['Fedora-WS-Live-42', 'fedora-42'],
  ['AlmaLinux-9-4-x86_64-dvd', 'almalinux-9'],
  ['Rocky-10-0-x86_64-dvd', 'rocky-10'],
  ['OL-9-4-0-BaseOS-x86_64', 'oracle-9'],
  ['CentOS-Stream-9-BaseOS-x86_64', 'centos-stream-9'],
  ['alpine-virt 3.22.1 x86_64', 'alpine-3.22'],
  ['openSUSE-Leap-15.6-DVD-x86_641', 'opensuse-leap-15.6'],
  ['openSUSE-Tumbleweed-DVD-x86_64', 'opensuse-tumbleweed'],
  ['14_3_RELEASE_AMD64_CD', 'freebsd-14.3'],
  ['ARCH_202506', 'arch'],
])('%s is %s', (volume, id) => {
  expect(catalogueIdOf({ volume })).toBe(id)
  expect(CATALOGUE.some(entry => entry.id === id)).toBe(true)
})

it.each([
  ['Debian 99.1.0 amd64 n'],
  ['Debian 12'],
  ['Not Debian 12.5.0 amd64 n'],
  ['Ubuntu 24.045'],
  ['CCCOMA_X64FRE_EN-US_DV9'],
  ['OL-7.9 Server.x86_64'],
  [`Fedora-${'a'.repeat(60_000)}`],
  [''],
])('%s is nothing of the catalogue', volume => {
  expect(catalogueIdOf({ volume })).toBeNull()
})
