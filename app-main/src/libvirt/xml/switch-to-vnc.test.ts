import { describe, expect, it } from 'vitest'
import { parseDomainXml } from './domain-xml.ts'
import { parseXml } from './document.ts'
import { findAll } from './query.ts'
import { switchGraphicsToVnc } from './switch-to-vnc.ts'

const SPICE = `<domain type='kvm'>
  <name>s</name>
  <devices>
    <!-- a comment -->
    <channel type='spicevmc'>
      <target type='virtio' name='com.redhat.spice.0'/>
    </channel>
    <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
    <graphics type='spice' autoport='yes'><listen type='address'/></graphics>
    <sound model='ich9'><audio id='1'/></sound>
    <audio id='1' type='spice'/>
    <video>
      <model type='qxl' ram='65536' vram='65536' heads='1' primary='yes'/>
    </video>
    <redirdev bus='usb' type='spicevmc'/>
    <smartcard mode='passthrough' type='spicevmc'/>
  </devices>
</domain>`

describe('switchGraphicsToVnc', () => {
  it('replaces the screen and what only SPICE serves, and nothing else', () => {
    expect(switchGraphicsToVnc(SPICE, 'abcdefghij')).toBe(`<domain type='kvm'>
  <name>s</name>
  <devices>
    <!-- a comment -->
    <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
    <graphics type='vnc' port='-1' autoport='yes' listen='127.0.0.1' passwd='abcdefgh'/>
    <sound model='ich9'><audio id='1'/></sound>
    <audio id='1' type='none'/>
    <video>
      <model type='virtio' heads='1' primary='yes'/>
    </video>
  </devices>
</domain>`)
  })

  it('leaves a machine without SPICE as it is', () => {
    const vnc = "<domain><devices><graphics type='vnc'/></devices></domain>"
    expect(switchGraphicsToVnc(vnc, 'x')).toBe(vnc)
  })

  it('keeps a VNC screen that is already there and only drops the other', () => {
    const both = "<domain><devices><graphics type='spice'/><graphics type='vnc' passwd='own'/></devices></domain>"
    expect(parseDomainXml(switchGraphicsToVnc(both, 'new')).graphics).toMatchObject([{ type: 'vnc', password: 'own' }])
  })

  it('renders 3D without a screen where the machine used accelerated SPICE', () => {
    const gl =
      "<domain><devices><graphics type='spice'><gl enable='yes' rendernode='/dev/dri/r'/></graphics></devices></domain>"
    const graphics = findAll(parseXml(switchGraphicsToVnc(gl, 'x')).root, 'devices/graphics')
    expect(graphics.map(one => one.attributes.get('type')?.value)).toEqual(['vnc', 'egl-headless'])
  })

  it('refuses what is no domain', () => {
    expect(() => switchGraphicsToVnc('<network/>', 'x')).toThrow(/devices/)
  })
})
