import { describe, expect, it } from 'vitest'
import { osName } from './os-name.ts'

describe('osName', () => {
  it.each([
    ['http://debian.org/debian/12', 'Debian 12'],
    ['http://ubuntu.com/ubuntu/24.04', 'Ubuntu 24.04'],
    ['http://microsoft.com/win/11', 'Windows 11'],
    ['http://microsoft.com/win2k/22', 'Windows Server 2022'],
    ['http://libosinfo.org/unknown', 'unknown'],
    ['http://haiku-os.org/haiku/r1beta4', 'haiku r1beta4'],
    ['', ''],
    ['nonsense', 'nonsense'],
  ])('%j is %j', (id, name) => expect(osName(id)).toBe(name))
})
