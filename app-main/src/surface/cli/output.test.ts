import { describe, expect, it } from 'vitest'
import { domainId, type ConnectionUri, type DomainDetail, type DomainSummary } from '../../contract/index.ts'
import { humanOutput } from './output.ts'

const uri = 'test:///a' as ConnectionUri
const uuid = '6695eb01-f6a4-8304-79aa-97f2502e193f'
const summary: DomainSummary = {
  ...{ id: domainId(uuid, uri), uuid, name: 'web-1', connection: uri, kind: 'test', state: 'running' },
  ...{ reason: null, vcpus: 2, memoryBytes: 2 ** 30, addresses: [], guestOs: null, title: null },
  ...{ autostart: false, persistent: true, stale: false },
}
const detail: DomainDetail = {
  ...summary,
  ...{
    vcpus: 2,
    memoryBytes: 2 ** 30,
    maxMemoryBytes: 2 ** 30,
    description: null,
    osId: null,
    member: null,
    arch: 'x86_64',
  },
  ...{ machine: null, firmware: 'bios', virtType: 'test', disks: [], interfaces: [], graphics: [], consoles: [] },
  ...{ channels: [], hasNvram: false, features: {} },
}
const list = (part: Partial<DomainSummary>) => humanOutput('domain', 'list', [{ ...summary, ...part }])
const info = (part: Partial<DomainDetail>) => humanOutput('domain', 'get', { ...detail, ...part })

describe('the list', () => {
  it.each([
    [{ state: 'crashed', reason: 'Crashed: guest panicked' }, 'crashed: guest panicked'],
    [{ state: 'crashed', reason: 'Crashed' }, 'crashed'],
    [{ state: 'shutoff', reason: 'Off: it failed to start', stale: true }, 'shutoff: it failed to start, last known'],
    [{ state: 'running', reason: 'Something: new' }, 'running: Something: new'],
    [{ state: 'running', reason: null }, 'running'],
  ] as const)('%o is told once', (part, told) => {
    const row = list(part).split('\n')[1] ?? ''
    expect(row.split(/ {2,}/)[1]).toBe(told)
  })
})

describe('the detail', () => {
  it('names the system and where an address is known from', () => {
    const addresses = [
      { ip: '192.0.2.7', prefix: 24, mac: null, source: 'agent' as const },
      { ip: '2001:db8::7', prefix: 64, mac: null, source: 'lease' as const },
    ]
    const text = info({ guestOs: 'Debian 12', osId: 'http://debian.org/debian/12', addresses })
    expect(text).toMatch(/^Guest OS +Debian 12$/m)
    expect(text).toMatch(/^Addresses +192\.0\.2\.7 \(guest agent\)\n +2001:db8::7 \(DHCP lease\)$/m)
  })

  it('says what is not known', () => {
    expect(info({})).toMatch(/^Guest OS +unknown$/m)
    expect(info({})).toMatch(/^Addresses +none known$/m)
  })

  it('indents the further lines of a description and escapes everything else in it', () => {
    const text = info({ description: 'First\nState        forged\n\u001b[2Jend\r\u202e\n' })
    expect(text).toMatch(/^Description +First\n +State {8}forged\n +\\u\{1b\}\[2Jend\\u\{d\}\\u\{202e\}$/m)
    expect(text.match(/^State/gm)).toHaveLength(1)
    expect(text).not.toContain('\\u{a}')
  })
})
