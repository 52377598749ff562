/** What is true of channels to guests, whatever the hypervisor. */
import { RemoteError } from '../contract/index.ts'

/** Channels on which agents live that Vireo can talk to. */
export const QEMU_AGENT_CHANNEL = 'org.qemu.guest_agent.0'
export const AGENT_CHANNELS: readonly string[] = [
  'org.vireo.agent.0',
  QEMU_AGENT_CHANNEL,
  'org.kvmmanager.agent.0',
  'org.quantix.agent.0',
]

/** Throws `invalid-input` for what the guest's kernel would not make a port's name of. */
export const checkChannelName = (name: string): void => {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) return
  throw new RemoteError({
    kind: 'invalid-input',
    message: 'A channel’s name is made of 1 to 64 letters, digits, dots, dashes and underscores.',
  })
}

/** Why the agents of a machine cannot be asked; null when one can. */
export const agentReason = (
  channels: readonly { readonly name: string | null; readonly connected: boolean | null }[],
  off: string | null,
): string | null => {
  const own = channels.filter(({ name }) => name !== null && AGENT_CHANNELS.includes(name))
  if (own.length === 0) return 'The machine has no channel for a guest agent.'
  return off ?? (own.some(({ connected }) => connected) ? null : 'The guest agent is not running in the guest.')
}
