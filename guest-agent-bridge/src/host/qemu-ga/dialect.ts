import type { Dialect } from '../guest-agent.ts'
import { plainText } from '../plain-text.ts'
import { featuresOf } from './features.ts'
import { QemuGaAgent } from './qemu-ga-agent.ts'
import * as schema from './schema.ts'
import { Talk } from './talk.ts'

const CONNECT_SECONDS = 3

/** qemu-guest-agent. The hypervisor holds its channel, and shares it among all who ask. */
export const qemuGaDialect: Dialect = {
  name: 'qemu-ga',
  channel: 'org.qemu.guest_agent.0',
  async connect(link, { signal }) {
    const talk = new Talk(link)
    await talk.ask('guest-ping', schema.nothing, { seconds: CONNECT_SECONDS, signal })
    const info = await talk.ask('guest-info', schema.info, { seconds: CONNECT_SECONDS, signal })
    const enabled = info.supported_commands.filter(one => one.enabled).map(({ name }) => name)
    return new QemuGaAgent(link, plainText(info.version, 64), featuresOf(info), new Set(enabled))
  },
}
