/** The forward room's answers for people. */
import type { Forward } from '../../contract/index.ts'
import { table } from './text.ts'

/** With its port, as one types it. */
const placeText = (address: string, port: number): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`

const list = (all: readonly Forward[]): string => {
  if (all.length === 0) return 'No forwards.'
  const rows = all.map(one => [
    ...[one.id, placeText(one.address, one.port), one.name, placeText(one.target ?? '-', one.guestPort)],
    ...[one.state, String(one.connections), one.way, one.pid === null ? '-' : String(one.pid)],
  ])
  const shown = table(['ID', 'LISTENS ON', 'MACHINE', 'LEADS TO', 'STATE', 'OPEN', 'WAY', 'PROCESS'], rows)
  const reasons = all.flatMap(({ id, reason }) => (reason === null ? [] : [`${id}: ${reason}`]))
  const warnings = all.flatMap(({ id, exposed, address }) =>
    exposed ? [`${id}: whoever reaches this computer on ${address} reaches the machine.`] : [],
  )
  return [shown, ...reasons, ...warnings].join('\n')
}

export const FORWARD_FORMATTERS = {
  'forward.list': list,
  'forward.add': (one: Forward) => list([one]),
} as const
