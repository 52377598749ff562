/** LXD (Debian's package, the snap) and Incus: three homes of one daemon. */
import { INCUS_SOCKETS, LXD_PACKAGE_SOCKET, LXD_SNAP_SOCKET } from '../../base/lxd-sockets.ts'
import { membershipOf, type Accounts, type Membership } from '../facts/accounts.ts'
import type { Services } from '../facts/services.ts'
import type { Machine, SocketTrouble } from '../machine.ts'

export const LXD_UNITS = [
  ...['lxd.service', 'lxd.socket', 'snap.lxd.daemon.service', 'snap.lxd.daemon.unix.socket'],
  ...['incus.service', 'incus.socket'],
]

export interface LxdFacts {
  readonly installed: boolean
  readonly product: 'LXD' | 'Incus'
  /** Where it comes from, null while it is not installed. */
  readonly origin: 'snap' | 'package' | null
  /** Whether this computer takes snaps, which LXD comes as, too. */
  readonly snap: boolean
  readonly unit: string
  readonly socket: string
  readonly enabled: boolean
  readonly masked: boolean
  readonly active: boolean
  readonly socketActivated: boolean
  readonly answer: 'answered' | SocketTrouble
  /** Whether the daemon trusts this user. */
  readonly trusted: boolean
  readonly version: string | null
  /** Null when it could not be asked. */
  readonly pools: readonly string[] | null
  readonly networks: readonly string[] | null
  readonly clustered: boolean
  readonly group: string
  readonly membership: Membership
}

interface Home {
  readonly product: LxdFacts['product']
  readonly origin: 'snap' | 'package'
  /** Likeliest first. */
  readonly sockets: readonly string[]
  readonly programs: readonly string[]
  readonly unit: string
  readonly socketUnit: string
  readonly group: string
  /** The variables by which its own command line is told another socket, or the folder of one. */
  readonly told: { readonly socket: string; readonly folder: string }
}

const LXD_TOLD = { socket: 'LXD_SOCKET', folder: 'LXD_DIR' }

const HOMES: readonly Home[] = [
  {
    ...{ product: 'LXD', origin: 'snap', sockets: [LXD_SNAP_SOCKET], programs: [] },
    ...{ unit: 'snap.lxd.daemon.service', socketUnit: 'snap.lxd.daemon.unix.socket', group: 'lxd' },
    told: LXD_TOLD,
  },
  {
    ...{ product: 'Incus', origin: 'package', sockets: INCUS_SOCKETS, programs: ['incusd', 'incus'] },
    ...{ unit: 'incus.service', socketUnit: 'incus.socket', group: 'incus-admin' },
    told: { socket: 'INCUS_SOCKET', folder: 'INCUS_DIR' },
  },
  {
    ...{ product: 'LXD', origin: 'package', sockets: [LXD_PACKAGE_SOCKET], programs: ['lxd'] },
    ...{ unit: 'lxd.service', socketUnit: 'lxd.socket', group: 'lxd' },
    told: LXD_TOLD,
  },
]

type Record_ = Readonly<Record<string, unknown>>
const isRecord = (value: unknown): value is Record_ => typeof value === 'object' && value !== null
const inside = (value: unknown, key: string): unknown => (isRecord(value) ? value[key] : undefined)
const text = (value: unknown): string | null => (typeof value === 'string' ? value.slice(0, 200) : null)
const lastPart = (url: unknown): string[] => (typeof url === 'string' ? [url.slice(url.lastIndexOf('/') + 1)] : [])

interface Asked {
  readonly answer: LxdFacts['answer']
  readonly trusted: boolean
  readonly version: string | null
  readonly pools: readonly string[] | null
  readonly networks: readonly string[] | null
  readonly clustered: boolean
}
const UNASKED: Omit<Asked, 'answer'> = { trusted: false, version: null, pools: null, networks: null, clustered: false }

const listOf = async (machine: Machine, socket: string, path: string): Promise<readonly string[] | null> => {
  const answer = await machine.sockets.get(socket, path, machine.patience)
  const list = answer.state === 'answered' ? inside(answer.body, 'metadata') : undefined
  return Array.isArray(list) ? list : null
}

/** Only bridges that the daemon made are networks for its instances; the host's own interfaces are listed beside them. */
const managed = (list: readonly unknown[] | null): readonly string[] | null =>
  list === null
    ? null
    : list.flatMap(one => (inside(one, 'managed') === true ? [text(inside(one, 'name')) ?? ''] : [])).filter(Boolean)

const ask = async (machine: Machine, socket: string): Promise<Asked> => {
  const first = await machine.sockets.get(socket, '/1.0', machine.patience)
  if (first.state !== 'answered') return { answer: first.state, ...UNASKED }
  const server = inside(first.body, 'metadata')
  if (!isRecord(server) || typeof server['auth'] !== 'string') return { answer: 'nonsense', ...UNASKED }
  const environment = server['environment']
  const trusted = server['auth'] === 'trusted'
  const [pools, networks] = trusted
    ? await Promise.all([
        listOf(machine, socket, '/1.0/storage-pools'),
        listOf(machine, socket, '/1.0/networks?recursion=1'),
      ])
    : [null, null]
  return {
    ...{ answer: 'answered', trusted, version: text(inside(environment, 'server_version')) },
    ...{ pools: pools?.flatMap(lastPart) ?? null, networks: managed(networks) },
    clustered: inside(environment, 'server_clustered') === true,
  }
}

/** Where its command line would look, so that what is shown is what commands work on. The snap's has one place. */
const socketOf = async ({ environment, files }: Machine, { origin, sockets, told }: Home): Promise<string> => {
  const folder = environment[told.folder]
  const named = environment[told.socket] || (folder ? `${folder}/unix.socket` : '')
  if (origin !== 'snap' && named !== '') return named
  for (const path of sockets) if (await files.stat(path)) return path
  return sockets[0] ?? ''
}

const isThere = async ({ commands, files }: Machine, home: Home): Promise<boolean> => {
  if (home.origin === 'snap') return (await files.stat('/snap/lxd/current')) !== undefined
  const found = await Promise.all(home.programs.map(name => commands.find(name)))
  // The snap's own command must not count as a package.
  return found.some(path => path !== undefined && !path.startsWith('/snap/'))
}

export const readLxd = async (machine: Machine, accounts: Accounts, services: Services): Promise<LxdFacts> => {
  const [snap, ...there] = await Promise.all([
    machine.commands.find('snap'),
    ...HOMES.map(home => isThere(machine, home)),
  ])
  const paths = await Promise.all(HOMES.map(home => socketOf(machine, home)))
  const sockets = await Promise.all(paths.map(path => machine.files.stat(path)))
  const at = HOMES.findIndex((_, home) => there[home] && sockets[home])
  const installed = HOMES.findIndex((_, home) => there[home])
  const index = at >= 0 ? at : installed >= 0 ? installed : 2
  const home = HOMES[index] as Home
  const socket = paths[index] ?? ''
  const [unit, socketUnit] = [services.unit(home.unit), services.unit(home.socketUnit)]
  return {
    ...(await ask(machine, socket)),
    installed: installed >= 0,
    product: home.product,
    origin: installed >= 0 ? home.origin : null,
    snap: snap !== undefined,
    unit: home.unit.replace(/\.service$/, ''),
    socket,
    enabled: unit.enabled || socketUnit.enabled,
    masked: unit.masked,
    active: unit.active,
    socketActivated: socketUnit.active && !unit.active,
    group: home.group,
    membership: membershipOf(accounts, machine, home.group),
  }
}
