/** What LXD and Incus need before they can make instances: storage, a network, and a profile that names both. */
import { words } from '../../contract/index.ts'
import type { Machine } from '../machine.ts'
import { step, type Step } from './command.ts'
import { plan, refuse, unsupported, type Place, type Planned } from './planned.ts'
import { freeSubnet, parseSubnet, type Subnet } from './subnet.ts'

type Plain = Readonly<Record<string, unknown>>
const isPlain = (value: unknown): value is Plain => typeof value === 'object' && value !== null && !Array.isArray(value)
const inside = (value: unknown, key: string): unknown => (isPlain(value) ? value[key] : undefined)

const metadataOf = async ({ sockets, patience }: Machine, socket: string, path: string): Promise<unknown> => {
  const answer = await sockets.get(socket, path, patience)
  return answer.state === 'answered' && answer.status === 200 ? inside(answer.body, 'metadata') : undefined
}

interface Profile {
  readonly hasRoot: boolean
  readonly hasNetwork: boolean
  /** Names of its devices. */
  readonly names: readonly string[]
}

/** Undefined when it could not be read. */
const defaultProfile = async (machine: Machine, socket: string): Promise<Profile | undefined> => {
  const devices = inside(await metadataOf(machine, socket, '/1.0/profiles/default?project=default'), 'devices')
  if (!isPlain(devices)) return undefined
  const each = Object.values(devices)
  return {
    hasRoot: each.some(device => inside(device, 'type') === 'disk' && inside(device, 'path') === '/'),
    hasNetwork: each.some(device => inside(device, 'type') === 'nic'),
    names: Object.keys(devices),
  }
}

/** Networks that are off have no route, but their addresses are spoken for. */
const subnetsOf = async (machine: Machine, socket: string): Promise<readonly Subnet[]> => {
  const list = await metadataOf(machine, socket, '/1.0/networks?recursion=1')
  if (!Array.isArray(list)) return []
  return list.flatMap((one: unknown) => {
    const address = inside(inside(one, 'config'), 'ipv4.address')
    return (typeof address === 'string' ? parseSubnet(address) : undefined) ?? []
  })
}

/** Names of all instances, whatever their project; null when they could not be asked for. */
export const instancesOf = async (machine: Machine, socket: string): Promise<readonly string[] | null> => {
  const list = await metadataOf(machine, socket, '/1.0/instances?all-projects=true')
  if (!Array.isArray(list)) return null
  // `/1.0/instances/web-1?project=lab`
  return list.map((url: unknown) =>
    (typeof url === 'string' ? (/([^/?]+)(\?|$)/.exec(url)?.[1] ?? url) : '?').slice(0, 63),
  )
}

/** Interfaces of this computer keep their names: the bridge takes the first that is nobody's. */
const freeBridge = async ({ files }: Machine, prefix: string, managed: readonly string[]): Promise<string> => {
  const taken = new Set([...(await files.list('/sys/class/net')), ...managed])
  let at = 0
  while (taken.has(`${prefix}${at}`)) at++
  return `${prefix}${at}`
}

const NAME = /^[\w][\w.-]{0,62}$/

export const initialiseLxd = async ({ facts, machine }: Place): Promise<Planned> => {
  const { lxd } = facts
  const { product, pools, networks } = lxd
  if (!lxd.installed || lxd.answer === 'absent' || lxd.answer === 'refused')
    return refuse(`${product} does not run.`, 'Start it first.')
  if (lxd.answer !== 'answered' || pools === null || networks === null)
    return refuse(`${product} does not let this login look at its storage and networks.`, 'Get access to it first.')
  if (lxd.clustered)
    return unsupported(`This ${product} belongs to a cluster, whose storage and networks are set up for all of it.`)
  const found = await machine.commands.find(product === 'Incus' ? 'incus' : 'lxc')
  if (!found) return unsupported(`The command line of ${product} is not installed.`)
  const profile = await defaultProfile(machine, lxd.socket)
  if (!profile) return refuse(`${product} does not tell what its profile “default” holds.`)
  // A snap's programs are not on everybody's PATH.
  const program = found.startsWith('/snap/') ? found : product === 'Incus' ? 'incus' : 'lxc'
  // By these names whatever remote and project a person has chosen as their own default.
  const on = (...args: readonly string[]) => step(program, ...args, '--project', 'default')
  const device = (...args: readonly string[]) => on('profile', 'device', ...args)
  const steps: Step[] = []
  const undo: Step[] = []
  const notes = []
  const pool = pools[0] ?? 'default'
  if (!NAME.test(pool)) return unsupported('The name of the storage pool cannot be given to its tools.')
  if (pools.length === 0) {
    steps.push(on('storage', 'create', 'local:default', 'dir'))
    undo.unshift(on('storage', 'delete', 'local:default'))
    notes.push(words('note.lxd.storage'))
  }
  if (!profile.hasRoot && !profile.names.includes('root')) {
    steps.push(device('add', 'local:default', 'root', 'disk', 'path=/', `pool=${pool}`))
    undo.unshift(device('remove', 'local:default', 'root'))
  }
  if (networks.length === 0) {
    const free = await freeSubnet(machine, await subnetsOf(machine, lxd.socket))
    if (!free) return refuse('Every private network is in use on this computer.', 'Create a network by hand.')
    const bridge = await freeBridge(machine, product === 'Incus' ? 'incusbr' : 'lxdbr', networks)
    const config = [`ipv4.address=${free.gateway}`, 'ipv4.nat=true', 'ipv6.address=none']
    steps.push(on('network', 'create', `local:${bridge}`, ...config))
    undo.unshift(on('network', 'delete', `local:${bridge}`))
    notes.push(words('note.lxd.network', { subnet: free.subnet }))
    if (!profile.hasNetwork && !profile.names.includes('eth0')) {
      steps.push(device('add', 'local:default', 'eth0', 'nic', 'name=eth0', `network=${bridge}`))
      undo.unshift(device('remove', 'local:default', 'eth0'))
    }
  }
  return steps.length === 0 ? refuse(`${product} is set up already.`) : plan(steps, { undo, notes, root: false })
}
