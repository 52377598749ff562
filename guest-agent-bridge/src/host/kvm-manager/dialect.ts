import type { Dialect } from '../guest-agent.ts'
import { insistently } from '../rpc-failure.ts'
import { KvmManagerCommands } from './commands.ts'
import { KvmManagerConversation } from './conversation.ts'
import { KvmManagerAgent } from './kvm-manager-agent.ts'
import { AgentInfo, KVM_MANAGER_CHANNEL, Pong } from './methods.ts'

/** After a host left, and after a line that it could not parse, it sleeps 5 s: three of these are longer. */
const PING_MS = 2500
const PINGS = 3

/** Finds the agent of KVM Manager. */
export const kvmManagerDialect: Dialect = {
  name: 'kvm-manager',
  channel: KVM_MANAGER_CHANNEL,
  async connect(link, { signal }) {
    const talk = new KvmManagerConversation(await link.open(KVM_MANAGER_CHANNEL))
    try {
      await insistently(PINGS, () => talk.call('ping', Pong, {}, signal, PING_MS))
      const { version } = await talk.call('get_agent_info', AgentInfo, {}, signal)
      const commands = new KvmManagerCommands(talk)
      await commands.probe({ signal })
      return new KvmManagerAgent(talk, commands, version)
    } catch (error) {
      talk.client.close()
      throw error
    }
  },
}
