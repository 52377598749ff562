/** Takes the Vireo agent out of a running machine, through another agent where there is one, else through itself. */
import { RemoteError } from '../../../contract/index.ts'
import { vireoDialect } from '@vireo/guest-agent-bridge/host'
import { sha256Of } from './agent-files.ts'
import * as probe from './guest-probe.ts'
import type { SetupContext } from './setup-context.ts'
import { REMOVE } from './setup-scripts.ts'
import { scriptIn } from './setup-shell.ts'
import { openWayIn, type SetupAgent } from './setup-target.ts'

const BY_HAND = 'Stop vireo-agent and delete it and its configuration by hand.'
const ADVICE = 'Remove that package inside the machine (on Debian: apt-get remove vireo-agent).'

export const uninstallAgent = async (context: SetupContext): Promise<void> => {
  const { target, operation } = context
  operation.progress('Looking for a way into the guest', 0)
  const { agent } = await openWayIn(target, 'vireo', { signal: operation.signal })
  const told = await removeThrough(context, agent).finally(() => agent.close())
  operation.progress('Removing the channel', 0.8)
  const { needsRestart } = await target.detachChannel(vireoDialect.channel)
  const parts = [
    told.installed ? 'The Vireo agent is removed' : 'There was no Vireo agent to remove',
    ...(told.configKept ? ['its changed configuration was kept'] : []),
    ...(needsRestart ? ['its channel goes when the machine is shut down and started again'] : []),
  ]
  operation.progress(parts.join('; '), 1)
}

const removeThrough = async ({ operation, places, files }: SetupContext, agent: SetupAgent) => {
  const asking = { signal: operation.signal }
  operation.progress('Checking the guest', 0.2)
  const facts = await probe.probeGuest(agent, places, asking)
  probe.requireRoot(facts)
  const init = probe.requireInit(facts, BY_HAND)
  probe.requireUnpackaged(facts, ADVICE)
  operation.progress('Stopping and removing the agent', 0.4)
  const self = agent.dialect === 'vireo' ? '1' : '0'
  const folders = [...places.hooks, places.config.replace(/\/[^/]*$/, '')]
  // Without our own configuration to compare with, the guest's is kept.
  const ours = await files().then(
    ({ config }) => sha256Of(config),
    (error: unknown) => {
      if (error instanceof RemoteError) return 'unknown'
      throw error
    },
  )
  const args = [init, self, places.binary, places.unit[init], places.config, ours, ...folders]
  const lines = (await scriptIn(agent, REMOVE, args, asking)).split('\n')
  return { installed: lines.includes('installed'), configKept: lines.includes('kept') }
}
