/** What is wrong with what is filled in, as far as a window can tell; pure. The service has the last word. */
import {
  type CreateOptions,
  DEVICE_NAME,
  HOSTNAME,
  LOGIN_NAME,
  MAC_ADDRESS,
  MACHINE_NAME,
  MOST_BYTES,
  parseSize,
} from '@vireo/app-main/contract'
import { type Draft, linesOf, type Nic, nicHas, parseForward, type Step, STEPS, wordsOf } from './draft.ts'
import { forwardsBy, isInside, networkOf, subnetOf } from './nic-place.ts'

export type Fault =
  | 'sourceEmpty'
  | 'sourceRelative'
  | 'nameBad'
  | 'nameTaken'
  | 'nameHalf'
  | 'hostnameBad'
  | 'userBad'
  | 'keyBad'
  | 'keyPrivate'
  | 'passwordDiffers'
  | 'cpusBad'
  | 'cpusTooMany'
  | 'memoryBad'
  | 'memoryTooLittle'
  | 'sizeBad'
  | 'sizeTooSmall'
  | 'poolGone'
  | 'folderBad'
  | 'deviceMissing'
  | 'deviceBad'
  | 'networkGone'
  | 'macBad'
  | 'addressBad'
  | 'addressOutside'
  | 'gatewayBad'
  | 'nameServersBad'
  | 'forwardsBad'
  | 'forwardsUdp'
  | 'forwardsTwice'
  | 'forwardsNobody'
  | 'tagsBad'
  | 'userDataHead'

export interface Wrong {
  readonly step: Step
  /** A field's name; of a list's row `disk:<key>`, or `nic:<key>:<field>`. */
  readonly field: string
  readonly fault: Fault
}

export interface Known {
  /** Names of the machines on that connection. */
  readonly taken: ReadonlySet<string>
  /** Names of what an ended Vireo left half-made there. */
  readonly half: ReadonlySet<string>
  readonly options: CreateOptions | null
  /** What the chosen image wants at the least, bytes; 0 where nobody knows. */
  readonly leastDisk: number
}

const LEAST_MEMORY = 64 * 2 ** 20
const LEAST_DISK = 2 ** 20
const KEY = /^(?:ssh|ecdsa|sk-ssh|sk-ecdsa)-\S+ [A-Za-z0-9+/]+={0,2}(?: .*)?$/
const V4 = String.raw`(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)`
const ADDRESS_4 = new RegExp(`^${V4}$`)
const ADDRESS_6 = /^(?=.*:)[0-9a-f:]{2,39}$/i

const isAddress = (text: string): boolean => ADDRESS_4.test(text) || ADDRESS_6.test(text)
const isFixed = (text: string): boolean => {
  const [address = '', length = '', ...rest] = text.split('/')
  const bits = /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN
  return rest.length === 0 && ((ADDRESS_4.test(address) && bits <= 32) || (ADDRESS_6.test(address) && bits <= 128))
}

type Finding = readonly [string, Fault | null]

const sizeFault = (text: string, least: number): Fault | null => {
  const bytes = parseSize(text)
  if (bytes === undefined || bytes > MOST_BYTES) return 'sizeBad'
  return bytes < least ? 'sizeTooSmall' : null
}

const sourceFault = ({ source }: Draft): Fault | null => {
  if (source === null) return 'sourceEmpty'
  if (source.kind !== 'own') return null
  const place = source.place.trim()
  if (place === '') return 'sourceEmpty'
  return place.startsWith('/') || /^https?:\/\/\S+$/i.test(place) ? null : 'sourceRelative'
}

const keysFault = ({ ownKeys, withUser, cloudInit }: Draft): Fault | null => {
  if (!withUser || !cloudInit) return null
  if (ownKeys.includes('PRIVATE KEY')) return 'keyPrivate'
  return linesOf(ownKeys).every(line => KEY.test(line)) ? null : 'keyBad'
}

const nameFault = ({ name }: Draft, { taken, half }: Known): Fault | null => {
  const trimmed = name.trim()
  if (trimmed.length > 64 || !MACHINE_NAME.test(trimmed)) return 'nameBad'
  return taken.has(trimmed) ? 'nameTaken' : half.has(trimmed) ? 'nameHalf' : null
}

const identity = (draft: Draft, known: Known): readonly Finding[] => {
  const hostname = draft.hostname.trim()
  const user = draft.user.trim()
  const asked = draft.withUser && draft.cloudInit
  return [
    ['name', nameFault(draft, known)],
    ['hostname', hostname !== '' && (hostname.length > 253 || !HOSTNAME.test(hostname)) ? 'hostnameBad' : null],
    ['user', asked && user !== '' && !LOGIN_NAME.test(user) ? 'userBad' : null],
    ['ownKeys', keysFault(draft)],
    ['password', asked && draft.passwordDiffers ? 'passwordDiffers' : null],
  ]
}

const resources = (draft: Draft, { options }: Known): readonly Finding[] => {
  const cpus = draft.cpus.trim()
  const memory = draft.memory.trim()
  const bytes = parseSize(memory)
  const tooMany = Number(cpus) > Math.min(options?.maxCpus ?? 1024, 1024)
  return [
    ['cpus', cpus === '' ? null : !/^[1-9]\d{0,3}$/.test(cpus) ? 'cpusBad' : tooMany ? 'cpusTooMany' : null],
    [
      'memory',
      memory === ''
        ? null
        : bytes === undefined || bytes > MOST_BYTES
          ? 'memoryBad'
          : bytes < LEAST_MEMORY
            ? 'memoryTooLittle'
            : null,
    ],
  ]
}

const poolFault = ({ pool, inFolder }: Draft, { options }: Known): Fault | null =>
  inFolder || pool === '' || options === null || options.pools.some(({ name }) => name === pool) ? null : 'poolGone'

const disks = (draft: Draft, known: Known): readonly Finding[] => [
  ['disk', draft.disk.trim() === '' ? null : sizeFault(draft.disk, Math.max(known.leastDisk, LEAST_DISK))],
  ...draft.disks.map(({ key, size }): Finding => [`disk:${key}`, sizeFault(size, LEAST_DISK)]),
  ['pool', poolFault(draft, known)],
  ['folder', draft.inFolder && !draft.folder.trim().startsWith('/') ? 'folderBad' : null],
]

const sourceOfNic = ({ type, source }: Nic, { options }: Known): Fault | null => {
  const name = source.trim()
  if (!nicHas(type).source) return null
  if (name === '') return 'deviceMissing'
  if (!DEVICE_NAME.test(name)) return 'deviceBad'
  const gone = type === 'network' && options !== null && !options.networks.some(one => one.name === name)
  return gone ? 'networkGone' : null
}

const addressFault = (nic: Nic, { options }: Known): Fault | null => {
  const address = nic.address.trim()
  if (address === '') return null
  if (!isFixed(address)) return 'addressBad'
  const subnet = subnetOf(networkOf(nic, options))
  return subnet && !address.includes(':') && !isInside(subnet, address) ? 'addressOutside' : null
}

/** Of all cards: a port of the host leads to one place. */
const forwardsFault = (nic: Nic, { nics }: Draft, { options }: Known): Fault | null => {
  if (!nicHas(nic.type).forwards || nic.forwards.trim() === '') return null
  const own = wordsOf(nic.forwards).map(parseForward)
  if (own.includes(undefined)) return 'forwardsBad'
  const way = forwardsBy(nic, options)
  if (way === 'nobody') return 'forwardsNobody'
  if (way === 'vireo' && own.some(one => one?.protocol === 'udp')) return 'forwardsUdp'
  const taken = nics
    .filter(({ type }) => nicHas(type).forwards)
    .flatMap(({ forwards }) => wordsOf(forwards).map(parseForward))
    .map(one => one && `${one.host}/${one.protocol}`)
  const twice = own.some(one => taken.filter(other => other === (one && `${one.host}/${one.protocol}`)).length > 1)
  return twice ? 'forwardsTwice' : null
}

const nicFindings = (nic: Nic, draft: Draft, known: Known): readonly Finding[] => {
  const [mac, address, gateway] = [nic.mac.trim(), nic.address.trim(), nic.gateway.trim()]
  const found: readonly Finding[] = [
    ['source', sourceOfNic(nic, known)],
    ['mac', mac === '' || MAC_ADDRESS.test(mac) ? null : 'macBad'],
    ['address', addressFault(nic, known)],
    ['gateway', address === '' || gateway === '' || isAddress(gateway) ? null : 'gatewayBad'],
    ['nameServers', wordsOf(nic.nameServers).every(isAddress) ? null : 'nameServersBad'],
    ['forwards', forwardsFault(nic, draft, known)],
  ]
  return found.map(([field, fault]) => [`nic:${nic.key}:${field}`, fault])
}

const options = ({ tags, userData, cloudInit }: Draft): readonly Finding[] => [
  ['tags', wordsOf(tags).every(tag => tag.length <= 64) ? null : 'tagsBad'],
  ['userData', cloudInit && userData.trim() !== '' && !/^#cloud-config\b/.test(userData) ? 'userDataHead' : null],
]

/** In the order of the steps. */
export const wrongWith = (draft: Draft, known: Known): readonly Wrong[] => {
  const byStep: Readonly<Record<Step, readonly Finding[]>> = {
    source: [['source', sourceFault(draft)]],
    identity: identity(draft, known),
    resources: resources(draft, known),
    disks: disks(draft, known),
    network: draft.nics.flatMap(nic => nicFindings(nic, draft, known)),
    options: options(draft),
    review: [],
  }
  return STEPS.flatMap(step =>
    byStep[step].flatMap(([field, fault]) => (fault === null ? [] : [{ step, field, fault }])),
  )
}
