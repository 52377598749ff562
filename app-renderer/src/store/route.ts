/** Where one is, as the address after `#`, so that a reload and a link keep the place; pure. */
import type { DomainId } from '@vireo/app-main/contract'

/** What fills the centre. */
export const ROOMS = ['machines', 'images', 'networks', 'hosts'] as const
export type RoomName = (typeof ROOMS)[number]

export interface Route {
  readonly room: RoomName
  /** The machine whose detail is shown. */
  readonly machine: DomainId | null
  /** Detail fills the centre instead of a panel beside the list. */
  readonly wide: boolean
  /** Tab of the detail, or of a room that has some. */
  readonly tab: string | null
}

export const HOME: Route = { room: 'machines', machine: null, wide: false, tab: null }

/** Where a step leads: one that names no room leads to the machines, and elsewhere no machine is open. */
export const stepFrom = (route: Route, part: Partial<Route>): Route => {
  const next = { ...route, room: 'machines' as const, ...part }
  if (next.room !== 'machines') return { ...HOME, room: next.room, tab: part.tab ?? null }
  return next.machine === null ? HOME : next
}

const decode = (part: string): string | null => {
  try {
    return decodeURIComponent(part)
  } catch {
    return null
  }
}

/** Anything unknown leads home. */
export const parseRoute = (hash: string): Route => {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?')
  const [, room, machine] = path.split('/')
  const other = ROOMS.find(one => one === room && one !== 'machines')
  if (other && !machine) return { ...HOME, room: other, tab: new URLSearchParams(query).get('tab') }
  if (room !== 'machines' || !machine) return HOME
  const id = decode(machine)
  if (id === null || !/^[^@]+@.+$/s.test(id)) return HOME
  const parameters = new URLSearchParams(query)
  return { room, machine: id as DomainId, wide: parameters.has('wide'), tab: parameters.get('tab') }
}

export const formatRoute = (route: Route): string => {
  if (!route.machine) return `#/${route.room}${route.tab ? `?tab=${encodeURIComponent(route.tab)}` : ''}`
  const parameters = [...(route.wide ? ['wide'] : []), ...(route.tab ? [`tab=${encodeURIComponent(route.tab)}`] : [])]
  const query = parameters.length > 0 ? `?${parameters.join('&')}` : ''
  return `#/machines/${encodeURIComponent(route.machine)}${query}`
}
