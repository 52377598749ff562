import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseRoutes, parseRoutes6, readHostLinks } from './host-links.ts'

const ROUTES = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	00000000	010200C0	0003	0	0	0	00000000	0	0	0
eth0	000200C0	00000000	0001	0	0	0	00FFFFFF	0	0	0
tun0	00000000	00000000	0001	0	0	0	00000080	0	0	0
tun0	0000000A	00000000	0001	0	0	0	000000FF	0	0	0
virbr0	007AA8C0	00000000	0001	0	0	0	00FFFFFF	0	0	0
down0	0000A8C0	00000000	0000	0	0	0	0000FFFF	0	0	0
eth0	nonsense	00000000	0001	0	0	0	00FFFFFF	0	0	0
`
const zeros = (digits: number) => '0'.repeat(digits)
const six = (destination: string, prefix: string, device: string, flags = '00000001') =>
  `${destination.padEnd(32, '0')} ${prefix} ${zeros(32)} 00 ${zeros(32)} 00000100 00000001 00000000 ${flags} ${device}`

describe('routes', () => {
  it('of IPv4 are read, those to everywhere left out', () => {
    expect(parseRoutes(ROUTES)).toEqual([
      { subnet: '192.0.2.0/24', device: 'eth0' },
      { subnet: '10.0.0.0/8', device: 'tun0' },
      { subnet: '192.168.122.0/24', device: 'virbr0' },
    ])
    expect(parseRoutes('')).toEqual([])
  })

  it('of IPv6 are read, what every interface has left out', () => {
    const lines = [
      six('fd00', '40', 'eth0'),
      six('fe80', '40', 'eth0'),
      six('ff', '08', 'eth0'),
      six('', '00', 'eth0'),
      six('20010db8', '20', 'tun0', '00000000'),
      six('', '80', 'lo'),
      'nonsense',
    ]
    expect(parseRoutes6(lines.join('\n'))).toEqual([
      { subnet: 'fd00:0000:0000:0000:0000:0000:0000:0000/64', device: 'eth0' },
    ])
  })
})

describe('a computer', () => {
  let folder = ''
  const device = async (name: string, files: Readonly<Record<string, string>>) => {
    const path = join(folder, 'sys', name)
    await mkdir(path, { recursive: true })
    for (const [file, text] of Object.entries({ ifindex: '1', operstate: 'up\n', ...files }))
      if (text === '/') await mkdir(join(path, file))
      else await writeFile(join(path, file), text)
  }
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'host-links-'))
    await device('lo', {})
    await device('eth0', { device: '/' })
    await symlink('../br0', join(folder, 'sys', 'eth0', 'master'))
    await device('wlan0', { device: '/', phy80211: '/', operstate: 'down\n' })
    await device('br0', { bridge: '/' })
    await device('eth0.5', { uevent: 'DEVTYPE=vlan\nINTERFACE=eth0.5\n', operstate: 'unknown\n' })
    await device('vnet0', { tun_flags: '0x1002' })
    await writeFile(join(folder, 'sys', 'bonding_masters'), '')
    await mkdir(join(folder, 'proc'))
    await writeFile(join(folder, 'proc', 'route'), ROUTES)
  })
  afterAll(() => rm(folder, { recursive: true }))

  it('is read with its interfaces and all ways out', async () => {
    const addresses = () => [{ subnet: '172.30.0.1/16', device: 'wg0' }]
    const links = await readHostLinks({ sys: join(folder, 'sys'), proc: join(folder, 'proc'), addresses })
    const plain = { up: true, bridge: false, wireless: false, physical: false, master: null }
    expect(links.interfaces).toEqual([
      { ...plain, name: 'br0', bridge: true },
      { ...plain, name: 'eth0', physical: true, master: 'br0' },
      { ...plain, name: 'eth0.5', physical: true },
      { ...plain, name: 'wlan0', up: false, wireless: true, physical: true },
    ])
    expect(links.routes.map(({ device: via }) => via)).toEqual(['eth0', 'tun0', 'virbr0', 'wg0'])
  })

  it('without these files has nothing to tell', async () => {
    const nowhere = join(folder, 'nowhere')
    expect(await readHostLinks({ sys: nowhere, proc: nowhere, addresses: () => [] })).toEqual({
      interfaces: [],
      routes: [],
    })
  })
})
