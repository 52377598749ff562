import { describe, expect, it } from 'vitest'
import { channelXml, findChannel, hasChannelController, withChannel, withoutChannel } from './channel.ts'

const DOMAIN = `<domain>
  <!-- kept -->
  <devices>
    <serial type='pty'/>
  </devices>
</domain>
`
const SPICE = `<domain><devices><channel type='spicevmc'><target type='virtio' name='a'/></channel></devices></domain>`

describe('channels in a definition', () => {
  it('adds one and takes it away again, and changes nothing else', () => {
    const added = withChannel(DOMAIN, 'org.vireo.agent.0')
    expect(added).toBe(
      DOMAIN.replace("<serial type='pty'/>", `<serial type='pty'/>\n    ${channelXml('org.vireo.agent.0')}`),
    )
    expect(withChannel(added, 'org.vireo.agent.0')).toBe(added)
    expect(findChannel(added, 'org.vireo.agent.0')).toBe(channelXml('org.vireo.agent.0'))
    expect(withoutChannel(added, 'org.vireo.agent.0')).toBe(DOMAIN)
    expect(withoutChannel(DOMAIN, 'org.vireo.agent.0')).toBe(DOMAIN)
  })

  it('takes no channel of another kind for its own', () => {
    expect(findChannel(SPICE, 'a')).toBeNull()
    expect(withoutChannel(SPICE, 'a')).toBe(SPICE)
  })

  it('escapes names, and refuses what is no domain', () => {
    expect(findChannel(withChannel(DOMAIN, `a'<b`), `a'<b`)).toContain('a&apos;&lt;b')
    expect(() => withChannel('<domain/>', 'a')).toThrow('<devices>')
  })

  it('knows the controller', () => {
    expect(hasChannelController(DOMAIN)).toBe(false)
    expect(hasChannelController(`<domain><devices><controller type='virtio-serial'/></devices></domain>`)).toBe(true)
  })
})
