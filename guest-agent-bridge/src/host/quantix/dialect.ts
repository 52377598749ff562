import { setTimeout as sleep } from 'node:timers/promises'
import type { Dialect } from '../guest-agent.ts'
import { silent } from '../rpc-failure.ts'
import { QuantixConversation } from './conversation.ts'
import { QuantixAgent } from './quantix-agent.ts'
import { QuantixClient } from './quantix-client.ts'

export const quantixChannel = 'org.quantix.agent.0'

/** An agent that has just met its host speaks at once; one that was met before speaks with its next measurement. */
const FIRST_WORD_MS = 1500
const CONNECT_MS = 12_000
const LOOK_MS = 50

/** The agent speaks first, and by that tells how it frames. One that says nothing for a while is greeted in the newer way. */
export const quantixDialect: Dialect = {
  name: 'quantix',
  channel: quantixChannel,
  async connect(link, { signal }) {
    const talk = new QuantixConversation(new QuantixClient(await link.open(quantixChannel)))
    const { client } = talk
    try {
      const end = performance.now() + CONNECT_MS
      const greetAt = performance.now() + FIRST_WORD_MS
      let greeted = false
      while (client.framing === undefined) {
        signal.throwIfAborted()
        if (performance.now() > end || client.gone) throw silent('anything', CONNECT_MS)
        if (!greeted && performance.now() > greetAt) {
          greeted = true
          talk.ask('ping', { sequence: 1 }, { signal, deadlineMs: CONNECT_MS }).catch(() => undefined)
        }
        await sleep(LOOK_MS)
      }
      const capabilities = await talk.ask('get_capabilities', {}, { signal, deadlineMs: CONNECT_MS })
      return new QuantixAgent(talk, capabilities)
    } catch (error) {
      client.close()
      throw error
    }
  },
}
