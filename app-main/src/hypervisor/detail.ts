/** A domain's detail from its summary and the facts of its definition. */
import type { Console, DomainDetail, DomainSummary, FeatureSheet } from '../contract/index.ts'
import type { ConsoleXml, DomainXml } from '../libvirt/xml/domain-xml.ts'

/** Disk sizes are null; a driver that knows them fills them in. */
export const detailFromXml = (summary: DomainSummary, facts: DomainXml, features: FeatureSheet): DomainDetail => ({
  ...summary,
  vcpus: summary.vcpus ?? facts.vcpus,
  memoryBytes: summary.memoryBytes ?? facts.memoryBytes,
  title: facts.title,
  description: facts.description,
  osId: facts.osId,
  member: null,
  arch: facts.arch,
  machine: facts.machine,
  firmware: facts.firmware,
  virtType: facts.virtType,
  maxMemoryBytes: facts.maxMemoryBytes,
  disks: facts.disks.map(disk => ({
    target: disk.target,
    bus: disk.bus,
    device: disk.device,
    source: disk.source,
    format: disk.format,
    readOnly: disk.readOnly,
    capacityBytes: null,
    allocationBytes: null,
  })),
  interfaces: facts.interfaces.map(({ mac, model, type, source, target, linkUp }) => ({
    mac,
    model,
    type,
    source,
    target,
    linkUp,
  })),
  graphics: facts.graphics.map(({ type, address, socket }) => ({
    type: type === 'vnc' || type === 'spice' ? type : 'other',
    listen: socket ?? address,
  })),
  // libvirt opens no others.
  consoles: facts.consoles.filter(({ type }) => type === 'pty').map(consoleOf),
  channels: facts.channels.flatMap(({ name, connected }) => (name === null ? [] : [{ name, connected }])),
  hasNvram: facts.nvram !== null || facts.firmware === 'uefi',
  features,
})

/** Aliases are given at start; before, the line is named as libvirt will name it. */
export const consoleAlias = (console: ConsoleXml): string => console.alias ?? `${console.kind}${console.port}`

const consoleOf = (console: ConsoleXml): Console => ({
  alias: consoleAlias(console),
  type: console.kind,
  port: console.port,
})
