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

export type Fault =
  | 'sourceEmpty'
  | 'sourceRelative'
  | 'nameBad'
  | 'nameTaken'
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
  | 'deviceMissing'
  | 'deviceBad'
  | 'macBad'
  | 'addressBad'
  | 'gatewayBad'
  | 'nameServersBad'
  | 'forwardsBad'
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

const nameFault = ({ name }: Draft, { taken }: Known): Fault | null => {
  const trimmed = name.trim()
  if (trimmed.length > 64 || !MACHINE_NAME.test(trimmed)) return 'nameBad'
  return taken.has(trimmed) ? 'nameTaken' : null
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

const disks = (draft: Draft, { leastDisk }: Known): readonly Finding[] => [
  ['disk', draft.disk.trim() === '' ? null : sizeFault(draft.disk, Math.max(leastDisk, LEAST_DISK))],
  ...draft.disks.map(({ key, size }): Finding => [`disk:${key}`, sizeFault(size, LEAST_DISK)]),
]

const nicFindings = (nic: Nic): readonly Finding[] => {
  const has = nicHas(nic.type)
  const source = nic.source.trim()
  const [mac, address, gateway] = [nic.mac.trim(), nic.address.trim(), nic.gateway.trim()]
  const sourceWrong = source === '' ? 'deviceMissing' : DEVICE_NAME.test(source) ? null : 'deviceBad'
  const forwardsFine = wordsOf(nic.forwards).every(text => parseForward(text) !== undefined)
  const found: readonly Finding[] = [
    ['source', has.source ? sourceWrong : null],
    ['mac', mac === '' || MAC_ADDRESS.test(mac) ? null : 'macBad'],
    ['address', address === '' || isFixed(address) ? null : 'addressBad'],
    ['gateway', address === '' || gateway === '' || isAddress(gateway) ? null : 'gatewayBad'],
    ['nameServers', wordsOf(nic.nameServers).every(isAddress) ? null : 'nameServersBad'],
    ['forwards', has.forwards && !forwardsFine ? 'forwardsBad' : null],
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
    network: draft.nics.flatMap(nicFindings),
    options: options(draft),
    review: [],
  }
  return STEPS.flatMap(step =>
    byStep[step].flatMap(([field, fault]) => (fault === null ? [] : [{ step, field, fault }])),
  )
}
