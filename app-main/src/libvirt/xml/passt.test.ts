import { describe, expect, it } from 'vitest'
import { passtForwards, withoutPasstForward, withPasstForward } from './passt.ts'

const card = (inside: string, type = 'user') => `<interface type='${type}'>${inside}</interface>`
const domain = (...cards: readonly string[]) => `<domain>
  <!-- kept -->
  <devices>
    <disk/>
    ${cards.join('\n    ')}
  </devices>
</domain>
`
const WEB = { address: '127.0.0.1', port: 8080, guestPort: 80 }
const SSH = { address: '::1', port: 2222, guestPort: 22 }

describe('forwards by passt in a definition', () => {
  it('are added to the card in user mode and taken away again, and nothing else changes', () => {
    const before = domain(card('<source network="default"/>', 'network'), card('\n      <mac address="a"/>\n    '))
    const one = withPasstForward(before, WEB)
    expect(one).toContain(`<mac address="a"/>
      <backend type='passt'/>
      <portForward proto='tcp' address='127.0.0.1'><range start='8080' to='80'/></portForward>
    </interface>`)
    expect(passtForwards(one)).toEqual([WEB])
    expect(withPasstForward(one, WEB)).toBe(one)
    const two = withPasstForward(one, SSH)
    expect(passtForwards(two)).toEqual([WEB, SSH])
    expect(withoutPasstForward(two, SSH)).toBe(one)
    expect(withoutPasstForward(one, WEB)).toBe(before)
  })

  it('leave their card to QEMU again when the last one goes (in the form that libvirt documents for 9.2)', () => {
    const written = (...parts: readonly string[]) => domain(card(`\n      ${parts.join('\n      ')}\n    `))
    const mac = `<mac address='52:54:00:1b:2c:3d'/>`
    const forward = (address: string, port: number, to: number) =>
      `<portForward proto='tcp' address='${address}'>
        <range start='${port}' to='${to}'/>
      </portForward>`
    const [web, ssh] = [forward('127.0.0.1', 8080, 80), forward('::1', 2222, 22)]
    const model = `<model type='virtio'/>`
    const backend = `<backend type='passt'/>`
    const address = `<address type='pci' domain='0x0000' bus='0x01' slot='0x00' function='0x0'/>`
    expect(withoutPasstForward(written(mac, web, ssh, model, backend, address), SSH)).toBe(
      written(mac, web, model, backend, address),
    )
    expect(withoutPasstForward(written(mac, web, model, backend, address), WEB)).toBe(written(mac, model, address))
    expect(withoutPasstForward(written(mac, web, model, backend, address), SSH)).toBe(
      written(mac, web, model, backend, address),
    )
    // Somebody wanted passt for more than that, or forwards something of theirs.
    const log = `<backend type='passt' logFile='/var/log/passt.log'/>`
    expect(withoutPasstForward(written(mac, web, model, log, address), WEB)).toBe(written(mac, model, log, address))
    const source = `<source dev='eth42'/>`
    expect(withoutPasstForward(written(mac, source, web, backend), WEB)).toBe(written(mac, source, backend))
    const udp = web.replace('tcp', 'udp')
    expect(withoutPasstForward(written(mac, web, udp, backend), WEB)).toBe(written(mac, udp, backend))
  })

  it('go to the card that passt serves already, or to one with another backend, or with nothing at all', () => {
    const plain = card('<mac address="a"/>')
    const passt = card(`<mac address="b"/><backend type='passt' logFile='/x'/>`)
    expect(withPasstForward(domain(plain, passt), WEB)).toContain(
      `${plain}\n    <interface type='user'><mac address="b"/>`,
    )
    expect(withPasstForward(domain(card(`<backend type='default'/>`)), WEB)).toContain(
      `<interface type='user'><backend type='passt'/><portForward`,
    )
    expect(passtForwards(withPasstForward(domain(`<interface type='user'/>`), WEB))).toEqual([WEB])
  })

  it('that somebody else wrote are theirs', () => {
    const theirs = [
      `<portForward proto='udp' address='127.0.0.1'><range start='8080' to='80'/></portForward>`,
      `<portForward proto='tcp'><range start='8080' to='80'/></portForward>`,
      `<portForward proto='tcp' address='127.0.0.1'><range start='8080' end='8090' to='80'/></portForward>`,
      `<portForward proto='tcp' address='127.0.0.1'><range start='8080' to='80'/><range start='9'/></portForward>`,
    ]
    const before = domain(card(`<backend type='passt'/>${theirs.join('')}`))
    expect(passtForwards(before)).toEqual([])
    expect(withoutPasstForward(before, WEB)).toBe(before)
    const same = domain(
      card(`<backend type='passt'/><portForward proto='tcp' address='::1'><range start='22'/></portForward>`),
    )
    expect(passtForwards(same)).toEqual([{ address: '::1', port: 22, guestPort: 22 }])
  })

  it('need a card in user mode, and an address that is text', () => {
    expect(() => withPasstForward(domain(card('', 'network')), WEB)).toThrow('user mode')
    expect(passtForwards(withPasstForward(domain(card('')), { ...WEB, address: `'><x a='` }))).toEqual([
      { ...WEB, address: `'><x a='` },
    ])
    expect(
      passtForwards(domain(card(`<portForward proto='tcp' address='::1'><range start='22'/></portForward>`))),
    ).toEqual([])
  })
})
