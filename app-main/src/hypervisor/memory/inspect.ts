import {
  domainId,
  RemoteError,
  type ConnectionUri,
  type DomainStats,
  type DomainSummary,
} from '../../contract/index.ts'
import { parseDomainXml } from '../../libvirt/xml/domain-xml.ts'
import type { GuestChannel, Inspect } from '../driver.ts'
import { QEMU_AGENT_CHANNEL } from '../guest-channel.ts'
import { detailFromXml } from '../detail.ts'
import type { MachineAccess } from './machine-access.ts'
import { domainFeatures, NO_SCREEN } from './features.ts'
import type { Machine } from './machine.ts'

export const summaryOf = (uri: ConnectionUri, machine: Machine): DomainSummary => {
  const facts = parseDomainXml(machine.xml)
  return {
    id: domainId(machine.key, uri),
    uuid: machine.key,
    name: machine.name,
    connection: uri,
    kind: 'test',
    state: machine.state,
    reason: machine.reason,
    vcpus: facts.vcpus,
    memoryBytes: facts.memoryBytes,
    addresses: [],
    guestOs: facts.osId,
    title: facts.title,
    autostart: machine.autostart,
    persistent: true,
    stale: false,
  }
}

export const isOn = (machine: Machine): boolean => !['shutoff', 'saved', 'crashed'].includes(machine.state)

export const channelsOf = (machine: Machine): GuestChannel[] =>
  parseDomainXml(machine.xml).channels.flatMap(({ type, name }) => {
    if (type !== 'unix' || name === null) return []
    const served = machine.software.serves(name) || (name === QEMU_AGENT_CHANNEL && machine.software.agent !== null)
    return [{ name, connected: isOn(machine) && served }]
  })

export const memoryInspect = (connection: MachineAccess): Inspect => ({
  async detail(key) {
    const machine = connection.machine(key)
    const channels = channelsOf(machine)
    const features = domainFeatures(isOn(machine), channels)
    const detail = detailFromXml(summaryOf(connection.uri, machine), parseDomainXml(machine.xml), features)
    return { ...detail, channels: channels.map(({ name, connected }) => ({ name, connected: connected === true })) }
  },

  async xml(key) {
    return connection.machine(key).xml
  },

  async stats(keys) {
    return keys.flatMap(key => {
      const machine = connection.host.machines.get(key)
      return machine === undefined ? [] : [statsOf(connection.uri, machine)]
    })
  },

  async addresses(key) {
    connection.machine(key)
    return []
  },

  async screenshot() {
    throw new RemoteError({ kind: 'unsupported', message: NO_SCREEN })
  },
})

const statsOf = (uri: ConnectionUri, machine: Machine): DomainStats => {
  const facts = parseDomainXml(machine.xml)
  const seconds = isOn(machine) ? (Date.now() - machine.startedAt) / 1000 : null
  return {
    id: domainId(machine.key, uri),
    at: Date.now(),
    cpuSeconds: seconds,
    vcpus: facts.vcpus,
    memoryUsedBytes: null,
    memoryBytes: facts.memoryBytes,
    diskReadBytes: null,
    diskWriteBytes: null,
    netReceiveBytes: null,
    netTransmitBytes: null,
  }
}
