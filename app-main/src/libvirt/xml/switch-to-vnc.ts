/** Replaces a SPICE screen by a VNC one in a domain's definition. */
import { invalidXml, parseXml, type XmlElement } from './document.ts'
import { XmlEdit, escapeXml } from './edit.ts'
import { attribute, childrenOf, find, findAll } from './query.ts'

/**
 * Gives the definition with VNC on loopback behind `password`, and without the devices that only SPICE can serve and that
 * would keep it from starting. Everything else stays byte for byte. A definition without SPICE comes back unchanged.
 * Throws `invalid-input` for text that is no domain.
 */
export const switchGraphicsToVnc = (text: string, password: string): string => {
  const document = parseXml(text)
  const devices = find(document.root, 'devices')
  if (devices === undefined) throw invalidXml('it has no <devices>')
  const spice = childrenOf(devices, 'graphics').filter(is('type', 'spice'))
  const [first] = spice
  if (first === undefined) return text
  const edit = new XmlEdit(document)
  const hasVnc = childrenOf(devices, 'graphics').some(is('type', 'vnc'))
  for (const graphics of hasVnc ? spice : spice.slice(1)) edit.remove(graphics)
  if (!hasVnc) edit.replace(first, vncGraphics(password))
  const accelerated = find(first, 'gl')
  if (attribute(accelerated, 'enable') === 'yes') edit.insert(devices, headlessGl(accelerated))
  for (const device of spiceOnly(document.root)) edit.remove(device)
  for (const audio of childrenOf(devices, 'audio').filter(is('type', 'spice'))) silence(edit, audio)
  for (const video of childrenOf(devices, 'video')) replaceQxl(edit, video)
  return edit.toString()
}

// QEMU's VNC passwords are cut at eight characters.
const vncGraphics = (password: string): string =>
  `<graphics type='vnc' port='-1' autoport='yes' listen='127.0.0.1' passwd='${escapeXml(password.slice(0, 8))}'/>`

const is =
  (name: string, value: string) =>
  (element: XmlElement): boolean =>
    attribute(element, name) === value

const spiceOnly = (root: XmlElement): XmlElement[] =>
  ['channel', 'redirdev', 'smartcard', 'serial', 'console', 'parallel']
    .flatMap(name => findAll(root, `devices/${name}`))
    .filter(element => ['spicevmc', 'spiceport'].includes(attribute(element, 'type') ?? ''))

/** Sound cards refer to their backend by number, so it stays and goes quiet. */
const silence = (edit: XmlEdit, audio: XmlElement): void => {
  edit.replace(audio, `<audio id='${escapeXml(attribute(audio, 'id') ?? '1')}' type='none'/>`)
}

/** VNC renders no 3D by itself; a machine with an accelerated video card would refuse to start. */
const headlessGl = (gl: XmlElement | undefined): string => {
  const node = attribute(gl, 'rendernode')
  const inner = node === null ? '' : `<gl rendernode='${escapeXml(node)}'/>`
  return `<graphics type='egl-headless'>${inner}</graphics>`
}

/** QXL is of use to SPICE only and missing in newer QEMUs. Its memory settings mean nothing to another model. */
const replaceQxl = (edit: XmlEdit, video: XmlElement): void => {
  const model = find(video, 'model')
  if (model === undefined || attribute(model, 'type') !== 'qxl') return
  const heads = attribute(model, 'heads')
  const primary = attribute(model, 'primary')
  const keep = [
    heads === null ? '' : ` heads='${escapeXml(heads)}'`,
    primary === null ? '' : ` primary='${escapeXml(primary)}'`,
  ].join('')
  edit.replace(model, `<model type='virtio'${keep}/>`)
}
