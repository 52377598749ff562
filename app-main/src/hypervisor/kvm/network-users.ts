/** Which machines are plugged into a network. */
import { domainId, type DomainId, type NetworkUser } from '../../contract/index.ts'
import * as v from '../../libvirt/generated/constants.ts'
import { isNotFound, isTimeout } from '../../libvirt/index.ts'
import { parseDomainXml } from '../../libvirt/xml/domain-xml.ts'
import type { NetworkXml } from '../../libvirt/xml/network-xml.ts'
import type { DaemonAccess } from './daemon-access.ts'
import type { Nic } from './facts.ts'

export interface NetworkMachine {
  readonly id: DomainId
  readonly name: string
  readonly running: boolean
  readonly nics: readonly Nic[]
}

const OFF = ['shutoff', 'saved', 'crashed']

/** As far as the machines' definitions have been read. */
export const knownMachines = ({ domains, inventory }: DaemonAccess): NetworkMachine[] =>
  [...domains].map(([key, { id, name, state }]) => {
    return { id, name, running: !OFF.includes(state), nics: inventory.facts(key)?.nics ?? [] }
  })

/** As the daemon says now: what a machine has, and what it will have after its next start. */
export const machinesNow = async (connection: DaemonAccess): Promise<NetworkMachine[]> => {
  const daemon = connection.daemon()
  const known = new Map(knownMachines(connection).map(machine => [machine.id, machine]))
  const read = (await daemon.domain.listAll()).map(async (ref): Promise<NetworkMachine[]> => {
    const id = domainId(ref.uuid, connection.uri)
    const running = ref.id !== -1
    const flags = running ? [0, v.VIR_DOMAIN_XML_INACTIVE] : [v.VIR_DOMAIN_XML_INACTIVE]
    try {
      const texts = await Promise.all(flags.map(flag => daemon.domain.getXmlDesc(ref, flag, PATIENT)))
      return [{ id, name: ref.name, running, nics: texts.flatMap(text => parseDomainXml(text).interfaces) }]
    } catch (error) {
      if (isNotFound(error)) return []
      const last = known.get(id)
      // A machine that is too busy to tell is taken for what it was.
      if (isTimeout(error) && last !== undefined) return [last]
      throw error
    }
  })
  return (await Promise.all(read)).flat()
}

const PATIENT = { lane: 'background', deadlineMs: 10_000 } as const

/** A card is on a network by its name, or by the name of the network's bridge. */
export const usersOf = (
  name: string,
  { bridge, forward }: Pick<NetworkXml, 'bridge' | 'forward'>,
  machines: readonly NetworkMachine[],
): NetworkUser[] => {
  // A bridge that is not the network's own belongs to the host: whoever uses it directly does not need the network.
  const own = forward === 'bridge' ? null : bridge
  const on = ({ type, source }: Nic) =>
    (type === 'network' && source === name) || (type === 'bridge' && own !== null && source === own)
  return machines.flatMap(({ id, name: machine, running, nics }) => {
    const cards = nics.filter(on)
    if (cards.length === 0) return []
    const macs = [...new Set(cards.flatMap(({ mac }) => mac ?? []))]
    return [{ id, name: machine, running, macs }]
  })
}
