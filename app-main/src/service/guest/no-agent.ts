import { RemoteError, type GuestAgentState } from '../../contract/index.ts'

const INSTALL =
  'Install the package qemu-guest-agent inside the machine; then “vireo agent install” can put Vireo’s own there.'

/** Why nobody in the machine can be asked, and what to do about it. */
export const noAgent = (name: string, agents: readonly GuestAgentState[]): RemoteError => {
  const silent = agents.filter(({ state }) => state === 'silent')
  if (silent.length === 0) {
    const message = `“${name}” has no channel for a guest agent.`
    return new RemoteError({ kind: 'unsupported', message, hint: `Add the channel org.qemu.guest_agent.0. ${INSTALL}` })
  }
  const names = silent.map(({ dialect }) => dialect).join(', ')
  const message = `No guest agent answers in “${name}” (asked: ${names}).`
  const why = silent.length === 1 && silent[0]?.reason ? `${silent[0].reason} ` : ''
  return new RemoteError({ kind: 'unsupported', message, hint: `${why}If the guest still starts, wait. ${INSTALL}` })
}
