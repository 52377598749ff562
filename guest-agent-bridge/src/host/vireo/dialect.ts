import { RemoteError } from '@vireo/app-main/contract'
import { agentCapabilities, vireoChannel, vireoProtocol } from '../../protocol/vireo/index.ts'
import type { Dialect } from '../guest-agent.ts'
import { VireoConversation } from './conversation.ts'
import { VireoAgent } from './vireo-agent.ts'

const CONNECT_MS = 3000

/** Finds our own agent. Asks what changes nothing: another Vireo process may be using the same agent. */
export const vireoDialect: Dialect = {
  name: 'vireo',
  channel: vireoChannel,
  async connect(link, { signal }) {
    const talk = new VireoConversation(await link.open(vireoChannel))
    try {
      const capabilities = await talk.call(agentCapabilities, {}, { signal, deadlineMs: CONNECT_MS })
      if (capabilities.protocol > vireoProtocol) throw tooNew()
      return new VireoAgent(talk, capabilities)
    } catch (error) {
      talk.client.close()
      throw error
    }
  },
}

const tooNew = (): RemoteError =>
  new RemoteError({
    kind: 'unsupported',
    message: 'The agent in the guest speaks a newer protocol than this version of Vireo.',
    hint: 'Update Vireo, or install its own agent in the guest.',
  })
