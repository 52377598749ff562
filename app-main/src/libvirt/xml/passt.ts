/** Port forwards of a machine on user-mode networking, which libvirt hands to passt. */
import { invalidXml, parseXml, type XmlElement } from './document.ts'
import { escapeXml, XmlEdit } from './edit.ts'
import { attribute, childrenOf, find, findAll } from './query.ts'

/** TCP. */
export interface PasstForward {
  /** Where this computer listens. */
  readonly address: string
  readonly port: number
  readonly guestPort: number
}

const userCards = (root: XmlElement): XmlElement[] =>
  findAll(root, 'devices/interface').filter(one => attribute(one, 'type') === 'user')

const same = (a: PasstForward, b: PasstForward): boolean =>
  a.address === b.address && a.port === b.port && a.guestPort === b.guestPort

/** What an element forwards; null for what says more than one port, another protocol or no address. */
const forwardOf = (element: XmlElement): PasstForward | null => {
  const [range, ...more] = childrenOf(element, 'range')
  const [address, start] = [attribute(element, 'address'), attribute(range, 'start')]
  const single = more.length === 0 && start !== null && [null, start].includes(attribute(range, 'end'))
  if (address === null || !single || attribute(element, 'proto') !== 'tcp') return null
  return { address, port: Number(start), guestPort: Number(attribute(range, 'to') ?? start) }
}

/** The single ports that lead into a machine by passt. */
export const passtForwards = (domain: string): PasstForward[] =>
  userCards(parseXml(domain).root)
    .filter(card => attribute(find(card, 'backend'), 'type') === 'passt')
    .flatMap(card => childrenOf(card, 'portForward').flatMap(one => forwardOf(one) ?? []))

const forwardXml = ({ address, port, guestPort }: PasstForward): string =>
  `<portForward proto='tcp' address='${escapeXml(address)}'><range start='${port}' to='${guestPort}'/></portForward>`

/**
 * The definition with that forward on its first user-mode card, which passt serves then; unchanged when it has it.
 * Throws `invalid-input` where there is no such card.
 */
export const withPasstForward = (domain: string, forward: PasstForward): string => {
  if (passtForwards(domain).some(one => same(one, forward))) return domain
  const document = parseXml(domain)
  const cards = userCards(document.root)
  const card = cards.find(one => attribute(find(one, 'backend'), 'type') === 'passt') ?? cards[0]
  if (card === undefined) throw invalidXml('it has no network card in user mode')
  const backend = find(card, 'backend')
  const edit = new XmlEdit(document)
  if (backend === undefined) return withPasstForward(edit.insert(card, `<backend type='passt'/>`).toString(), forward)
  return edit.setAttribute(backend, 'type', 'passt').insert(card, forwardXml(forward)).toString()
}

/** Whether nothing but forwards speaks for passt on this card: whoever chose more of it did so on purpose. */
const isForForwardsAlone = (card: XmlElement, backend: XmlElement): boolean =>
  backend.children.length === 0 && backend.attributes.size === 1 && find(card, 'source') === undefined

/**
 * The definition without that forward; unchanged when it has none. With the last forward its card goes back to QEMU's
 * own user mode, unless more than the forwards was said of passt there.
 */
export const withoutPasstForward = (domain: string, forward: PasstForward): string => {
  const document = parseXml(domain)
  const edit = new XmlEdit(document)
  for (const card of userCards(document.root)) {
    const all = childrenOf(card, 'portForward')
    const ours = all.filter(one => {
      const found = forwardOf(one)
      return found !== null && same(found, forward)
    })
    for (const one of ours) edit.remove(one)
    const backend = find(card, 'backend')
    if (ours.length === 0 || ours.length < all.length || attribute(backend, 'type') !== 'passt') continue
    if (backend !== undefined && isForForwardsAlone(card, backend)) edit.remove(backend)
  }
  return edit.toString()
}
