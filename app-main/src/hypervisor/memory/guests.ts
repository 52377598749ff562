import { RemoteError, type DomainSummary } from '../../contract/index.ts'
import { withDeadline } from '../../base/deadline.ts'
import type { Listen } from '../../base/emitter.ts'
import { withChannel, withoutChannel } from '../../libvirt/xml/channel.ts'
import { parseDomainXml } from '../../libvirt/xml/domain-xml.ts'
import type { DomainKey, Guests } from '../driver.ts'
import { checkChannelName, QEMU_AGENT_CHANNEL } from '../guest-channel.ts'
import { requireState } from '../preconditions.ts'
import type { AgentProgram } from './guest-software.ts'
import { channelsOf, summaryOf } from './inspect.ts'
import type { MachineAccess } from './machine-access.ts'
import type { Machine } from './machine.ts'

export const memoryGuests = (connection: MachineAccess, onGuestAgent: Listen<DomainKey>): Guests => {
  const summary = (machine: Machine): DomainSummary => summaryOf(connection.uri, machine)
  const change = (machine: Machine, xml: string): { needsRestart: boolean } => {
    if (xml !== machine.xml) {
      machine.xml = xml
      connection.host.touch(machine)
      connection.host.tellGuest(machine.key)
    }
    return { needsRestart: machine.state === 'saved' }
  }
  return {
    onGuestAgent,

    async channels(key) {
      return channelsOf(connection.machine(key))
    },

    async open(key, name) {
      const machine = connection.writable(key)
      requireState(summary(machine), 'serial')
      if (!parseDomainXml(machine.xml).channels.some(channel => channel.name === name))
        throw new RemoteError({ kind: 'not-found', message: `“${machine.name}” has no channel “${name}”.` })
      return machine.software.open(name)
    },

    async agentCommand(key, command, timeoutSeconds) {
      const machine = connection.writable(key)
      requireState(summary(machine), 'serial')
      if (!parseDomainXml(machine.xml).channels.some(({ name }) => name === QEMU_AGENT_CHANNEL))
        throw new RemoteError({ kind: 'unsupported', message: 'The machine has no channel for qemu-ga.' })
      const { agent } = machine.software
      if (agent === null) throw new RemoteError({ kind: 'precondition', message: 'qemu-ga is not connected.' })
      const what = `The guest agent of “${machine.name}”`
      return withDeadline({ ms: timeoutSeconds * 1000, what }, () => ask(agent, command))
    },

    async attachChannel(key, name) {
      checkChannelName(name)
      const machine = connection.writable(key)
      return change(machine, withChannel(machine.xml, name))
    },

    async detachChannel(key, name) {
      checkChannelName(name)
      const machine = connection.writable(key)
      machine.software.closeLines(name)
      return change(machine, withoutChannel(machine.xml, name))
    },
  }
}

const ask = async (agent: AgentProgram, command: string): Promise<string> => {
  const question = parsed(command)
  try {
    return JSON.stringify({ return: await agent(question) })
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new RemoteError({ kind: 'refused', message }, { cause: error })
  }
}

const parsed = (command: string): unknown => {
  try {
    return JSON.parse(command)
  } catch (error) {
    throw new RemoteError({ kind: 'libvirt', message: 'The command is no JSON.', code: 1, domain: 0 }, { cause: error })
  }
}
