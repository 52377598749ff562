import { describe, expect, it } from 'vitest'
import { domainId, type ConnectionUri, type DomainState, type DomainSummary } from '../../contract/index.ts'
import { parseDomainXml } from '../../libvirt/xml/domain-xml.ts'
import { connectionFeatures, domainFeatures } from './features.ts'

const uri = 'qemu:///system' as ConnectionUri
const summary = (state: DomainState, persistent = true): DomainSummary => ({
  id: domainId('u', uri),
  uuid: 'u',
  name: 'n',
  connection: uri,
  kind: 'kvm',
  state,
  reason: null,
  vcpus: 1,
  memoryBytes: 1,
  addresses: [],
  guestOs: null,
  title: null,
  autostart: false,
  persistent,
  stale: false,
})
const FULL = `<serial type='pty'/><graphics type='vnc'/>
  <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0' state='connected'/></channel>`
const sheet = (devices: string, state: DomainState = 'running', connection = {}, persistent = true) =>
  domainFeatures(
    connection,
    summary(state, persistent),
    parseDomainXml(`<domain><devices>${devices}</devices></domain>`),
  )

describe('domainFeatures', () => {
  it('has no reasons for a machine that can do everything', () => {
    expect(sheet(FULL)).toEqual({})
  })

  it('says what a machine that is off cannot do', () => {
    expect(Object.keys(sheet(FULL, 'shutoff')).sort()).toEqual(
      ['channel', 'guest-agent', 'screen', 'screenshot', 'serial', 'stats', 'suspend'].sort(),
    )
  })

  it('says why there is no screen', () => {
    expect(sheet("<graphics type='spice'/>").screen).toMatch(/SPICE.*virt-viewer/)
    expect(sheet('').screen).toMatch(/no screen/)
    expect(sheet("<graphics type='rdp'/>").screen).toMatch(/rdp/)
    expect(sheet("<graphics type='egl-headless'/><graphics type='vnc'/>").screen).toBeUndefined()
  })

  it('says why there is no serial line', () => {
    expect(sheet('').serial).toMatch(/no serial line/)
    expect(sheet("<serial type='file'/>").serial).toMatch(/connected to file/)
    expect(sheet("<serial type='unix'/>").serial).toMatch(/connected to unix/)
    expect(sheet("<serial type='unix'/><console type='pty'><target type='virtio'/></console>").serial).toBeUndefined()
  })

  it('tells a missing agent from one that does not run', () => {
    expect(sheet('')['guest-agent']).toMatch(/no channel/)
    const idle = "<channel type='unix'><target name='org.qemu.guest_agent.0' state='disconnected'/></channel>"
    expect(sheet(idle)['guest-agent']).toMatch(/not running/)
  })

  it('lets the connection have the last word', () => {
    expect(sheet(FULL, 'running', connectionFeatures('kvm', true)).screen).toMatch(/read-only/)
    expect(sheet(FULL, 'running', connectionFeatures('test', false)).serial).toMatch(/test driver/)
    expect(sheet(FULL, 'running', {}, false).autostart).toMatch(/ceases to exist/)
  })
})

describe('connectionFeatures', () => {
  it('locks changes and guest data, not looking', () => {
    const locked = connectionFeatures('kvm', true)
    expect(locked.stats).toBeUndefined()
    expect(locked.lifecycle).toMatch(/Unlock/)
    expect(connectionFeatures('kvm', false)).toEqual({})
  })
})
