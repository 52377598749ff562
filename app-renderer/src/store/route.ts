/** Where one is, as the address after `#`, so that a reload and a link keep the place; pure. */
import type { DomainId } from '@vireo/app-main/contract'

export interface Route {
  /** The machine whose detail is shown. */
  readonly machine: DomainId | null
  /** Detail fills the centre instead of a panel beside the list. */
  readonly wide: boolean
  /** Tab of the detail. */
  readonly tab: string | null
}

export const HOME: Route = { machine: null, wide: false, tab: null }

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
  if (room !== 'machines' || !machine) return HOME
  const id = decode(machine)
  if (id === null || !/^[^@]+@.+$/s.test(id)) return HOME
  const parameters = new URLSearchParams(query)
  return { machine: id as DomainId, wide: parameters.has('wide'), tab: parameters.get('tab') }
}

export const formatRoute = (route: Route): string => {
  if (!route.machine) return '#/machines'
  const parameters = [...(route.wide ? ['wide'] : []), ...(route.tab ? [`tab=${encodeURIComponent(route.tab)}`] : [])]
  const query = parameters.length > 0 ? `?${parameters.join('&')}` : ''
  return `#/machines/${encodeURIComponent(route.machine)}${query}`
}
