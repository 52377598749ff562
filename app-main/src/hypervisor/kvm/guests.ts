/** The ways to guest agents through libvirt. */
import { RemoteError, type DomainSummary } from '../../contract/index.ts'
import { toRemoteError } from '../../libvirt/app-error.ts'
import * as v from '../../libvirt/generated/constants.ts'
import { isAgentUnresponsive, isDenied, isNotFound, LibvirtError, type DomainRef } from '../../libvirt/index.ts'
import { CHANNEL_CONTROLLER_XML, channelXml, findChannel, hasChannelController } from '../../libvirt/xml/channel.ts'
import { parseDomainXml } from '../../libvirt/xml/domain-xml.ts'
import type { Consoles, DomainKey, Guests } from '../driver.ts'
import { checkChannelName } from '../guest-channel.ts'
import { requireState } from '../preconditions.ts'
import type { DaemonAccess } from './daemon-access.ts'
import type { PortStates } from './port-states.ts'
import { typed } from './typed.ts'

/** Hot-plugging asks the guest, too. */
const PLUG_MS = 60_000

export const kvmGuests = (connection: DaemonAccess, ports: PortStates, console: Consoles): Guests => ({
  onGuestAgent: ports.onChange,

  channels: key =>
    typed(async () => {
      const xml = await connection.daemon().domain.getXmlDesc(connection.ref(key))
      return ports.read(key, isOn(connection.summary(key)), parseDomainXml(xml).channels)
    }),

  open: (key, name) => console.channel(key, { name, takeOver: false }),

  agentCommand: (key, command, timeoutSeconds) =>
    typed(async () => {
      const ref = connection.ref(key)
      const daemon = connection.writable()
      requireState(connection.summary(key), 'serial')
      try {
        return await daemon.domain.agentCommand(ref, command, { timeoutSeconds })
      } catch (error) {
        throw agentFailure(error, ref)
      }
    }),

  attachChannel: (key, name) =>
    typed(async () => {
      checkChannelName(name)
      const machine = plugged(connection, key)
      if (machine.summary.persistent && (await machine.find(name, v.VIR_DOMAIN_XML_INACTIVE)) === null)
        await machine.attach(channelXml(name), v.VIR_DOMAIN_AFFECT_CONFIG)
      if (!isOn(machine.summary) || (await machine.find(name, 0)) !== null) return needsRestart(machine.summary)
      return machine.live(async () => {
        const hasController = hasChannelController(await machine.xml(0))
        if (!hasController) await machine.attach(CHANNEL_CONTROLLER_XML, v.VIR_DOMAIN_AFFECT_LIVE)
        await machine.attach(channelXml(name), v.VIR_DOMAIN_AFFECT_LIVE)
      })
    }),

  detachChannel: (key, name) =>
    typed(async () => {
      checkChannelName(name)
      const machine = plugged(connection, key)
      const defined = machine.summary.persistent ? await machine.find(name, v.VIR_DOMAIN_XML_INACTIVE) : null
      if (defined !== null) await machine.detach(defined, v.VIR_DOMAIN_AFFECT_CONFIG)
      const present = isOn(machine.summary) ? await machine.find(name, 0) : null
      if (present === null) return needsRestart(machine.summary)
      const outcome = await machine.live(() => machine.detach(present, v.VIR_DOMAIN_AFFECT_LIVE))
      // The guest may keep it although the daemon asked.
      return { needsRestart: outcome.needsRestart || (await machine.find(name, 0)) !== null }
    }),
})

const isOn = ({ state }: DomainSummary): boolean => !['shutoff', 'saved', 'crashed'].includes(state)

/** Saved memory knows the devices of its own time only. */
const needsRestart = ({ state }: DomainSummary): { needsRestart: boolean } => ({ needsRestart: state === 'saved' })

const plugged = (connection: DaemonAccess, key: DomainKey) => {
  const ref = connection.ref(key)
  const { domain } = connection.writable()
  const summary = connection.summary(key)
  const xml = (flags: number) => domain.getXmlDesc(ref, flags)
  return {
    summary,
    xml,
    find: async (name: string, flags: number) => findChannel(await xml(flags), name),
    attach: (device: string, flags: number) => domain.attachDeviceFlags(ref, device, flags, { deadlineMs: PLUG_MS }),
    detach: (device: string, flags: number) => domain.detachDeviceFlags(ref, device, flags, { deadlineMs: PLUG_MS }),
    /** A running machine that cannot take the change now has it after a restart; one without a definition has not. */
    live: async (work: () => Promise<void>): Promise<{ needsRestart: boolean }> => {
      try {
        await work()
        return { needsRestart: false }
      } catch (error) {
        const cannotNow = error instanceof LibvirtError && !isDenied(error) && !isNotFound(error)
        if (!cannotNow || !summary.persistent) throw error
        return { needsRestart: true }
      }
    },
  }
}

const ABSENT = /not connected|due to an error/i
const REFUSED = /unable to execute QEMU agent command '[^']*': (.*)/s

/** What came of a question to the agent, told apart: nobody there, no answer, or an answer that is a refusal. */
const agentFailure = (error: unknown, { name }: DomainRef): RemoteError => {
  if (!(error instanceof LibvirtError)) return toRemoteError(error)
  const refusal = REFUSED.exec(error.message)?.[1]
  if (refusal !== undefined) return new RemoteError({ kind: 'refused', message: refusal }, { cause: error })
  if (!isAgentUnresponsive(error) || ABSENT.test(error.message)) return toRemoteError(error)
  return new RemoteError(
    { kind: 'timeout', message: `The guest agent of “${name}” did not answer in time.` },
    { cause: error },
  )
}
