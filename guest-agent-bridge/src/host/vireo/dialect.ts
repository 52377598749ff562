import { RemoteError } from '@vireo/app-main/contract'
import { agentCapabilities, vireoChannel, vireoProtocol } from '../../protocol/vireo/index.ts'
import type { Dialect } from '../guest-agent.ts'
import { insistently } from '../rpc-failure.ts'
import { VireoConversation } from './conversation.ts'
import { VireoAgent } from './vireo-agent.ts'

/** A guest that is emulated or still starting may take its time; a question that came before the agent did is lost. */
const TRY_MS = 2500
const TRIES = 3

/** Finds our own agent. Asks what changes nothing: another Vireo process may be using the same agent. */
export const vireoDialect: Dialect = {
  name: 'vireo',
  channel: vireoChannel,
  async connect(link, { signal }) {
    const talk = new VireoConversation(await link.open(vireoChannel))
    try {
      const capabilities = await insistently(TRIES, () =>
        talk.call(agentCapabilities, {}, { signal, deadlineMs: TRY_MS }),
      )
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
