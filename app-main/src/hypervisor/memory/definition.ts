import { randomUUID } from 'node:crypto'
import { RemoteError } from '../../contract/index.ts'
import { parseXml } from '../../libvirt/xml/document.ts'
import { parseDomainXml } from '../../libvirt/xml/domain-xml.ts'
import { escapeXml, XmlEdit } from '../../libvirt/xml/edit.ts'
import { switchGraphicsToVnc } from '../../libvirt/xml/switch-to-vnc.ts'
import type { Definition } from '../driver.ts'
import { requireState } from '../preconditions.ts'
import type { MachineAccess } from './machine-access.ts'
import { isOn, summaryOf } from './inspect.ts'

export const memoryDefinition = (connection: MachineAccess): Definition => ({
  async define(xml) {
    connection.requireAccess()
    const facts = parseDomainXml(xml)
    if (facts.name === '') throw new RemoteError({ kind: 'invalid-input', message: 'The definition has no <name>.' })
    const namesake = [...connection.host.machines.values()].find(one => one.name === facts.name)
    if (namesake !== undefined && facts.uuid !== null && facts.uuid !== namesake.key)
      throw new RemoteError({ kind: 'precondition', message: `A machine named “${facts.name}” exists already.` })
    const key = facts.uuid ?? namesake?.key ?? randomUUID()
    const known = connection.host.machines.get(key)
    if (known === undefined) return connection.host.add(facts.name, withUuid(xml, key), key).key
    known.xml = withUuid(xml, key)
    known.name = facts.name
    connection.host.touch(known)
    return key
  },

  async undefinePreview(key) {
    const machine = connection.machine(key)
    const { disks, nvram } = parseDomainXml(machine.xml)
    return {
      disks: disks.flatMap(({ target, source }) =>
        source === null ? [] : [{ target, path: source, keptBecause: 'Machines in memory have no disks.' }],
      ),
      nvram,
      savedState: machine.state === 'saved',
      snapshots: 0,
    }
  },

  async undefine(key) {
    const machine = connection.writable(key)
    requireState(summaryOf(connection.uri, machine), 'undefine')
    connection.host.remove(key)
  },

  async switchToVnc(key, { preview }) {
    const machine = preview ? connection.machine(key) : connection.writable(key)
    const before = machine.xml
    const after = switchGraphicsToVnc(before, randomUUID().slice(0, 8))
    if (after === before) throw new RemoteError({ kind: 'precondition', message: 'The machine has no SPICE screen.' })
    if (!preview) {
      machine.xml = after
      connection.host.touch(machine)
    }
    return { before, after, needsRestart: isOn(machine) }
  },
})

const withUuid = (xml: string, uuid: string): string => {
  const document = parseXml(xml)
  if (parseDomainXml(xml).uuid !== null) return xml
  return new XmlEdit(document).insert(document.root, `<uuid>${escapeXml(uuid)}</uuid>`).toString()
}
