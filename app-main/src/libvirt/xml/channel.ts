/** virtio channels in a domain's definition: named byte lines between the host and a program in the guest. */
import { invalidXml, parseXml, type XmlElement } from './document.ts'
import { escapeXml, XmlEdit } from './edit.ts'
import { attribute, find, findAll } from './query.ts'

/** The device as libvirt wants it: it chooses the socket and the port. */
export const channelXml = (name: string): string =>
  `<channel type='unix'><target type='virtio' name='${escapeXml(name)}'/></channel>`

/** The controller that carries channels. libvirt adds it to definitions by itself, but not to a machine that runs. */
export const CHANNEL_CONTROLLER_XML = `<controller type='virtio-serial'/>`

export const hasChannelController = (domain: string): boolean =>
  findAll(parseXml(domain).root, 'devices/controller').some(one => attribute(one, 'type') === 'virtio-serial')

/** The channel's own words in the definition, null when there is none of that name. */
export const findChannel = (domain: string, name: string): string | null => {
  const { root, text } = parseXml(domain)
  const element = elementOf(root, name)
  return element === undefined ? null : text.slice(element.start, element.end)
}

/** The definition with that channel; unchanged when it has it already. Throws `invalid-input` for text that is no domain. */
export const withChannel = (domain: string, name: string): string => {
  const document = parseXml(domain)
  if (elementOf(document.root, name) !== undefined) return domain
  const devices = find(document.root, 'devices')
  if (devices === undefined) throw invalidXml('it has no <devices>')
  return new XmlEdit(document).insert(devices, channelXml(name)).toString()
}

/** The definition without that channel; unchanged when it has none. */
export const withoutChannel = (domain: string, name: string): string => {
  const document = parseXml(domain)
  const element = elementOf(document.root, name)
  return element === undefined ? domain : new XmlEdit(document).remove(element).toString()
}

const elementOf = (root: XmlElement, name: string): XmlElement | undefined =>
  findAll(root, 'devices/channel').find(
    one => attribute(one, 'type') === 'unix' && attribute(find(one, 'target'), 'name') === name,
  )
