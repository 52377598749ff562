/** One answer where both the machine's definition and its guest tell; what the guest tells now is nearer to the truth. Pure. */
import type { DomainSummary } from '@vireo/app-main/contract'
import type { GuestRecord, Volume } from './guest-series.ts'

/** What is known of a running machine's inside now; nothing of one that is off or silent. */
const inside = (domain: DomainSummary, record: GuestRecord | undefined): GuestRecord | null =>
  record?.answering && domain.state === 'running' && !domain.stale ? record : null

/** `Debian GNU/Linux 12 (bookworm)` is `Debian 12` in a list. */
const shortened = (name: string): string => name.replace(/ GNU\/Linux\b/, '').replace(/ \([^()]*\)$/, '')

/** A guest without a file that names it tells its kernel's name; the definition may know more, unless it says another system. */
const isVague = (told: string, defined: string | null): boolean =>
  defined !== null && (/^(GNU\/)?Linux$/i.test(told) || defined.toLowerCase().startsWith(`${told.toLowerCase()} `))

/** The guest's own words, where they say at least as much as the definition. */
const ownOs = (domain: DomainSummary, record: GuestRecord | undefined): string | null => {
  const told = inside(domain, record)?.osName
  return told && !isVague(shortened(told), domain.guestOs) ? told : null
}

export const osOf = (domain: DomainSummary, record: GuestRecord | undefined): string | null => {
  const told = ownOs(domain, record)
  return told ? shortened(told) : domain.guestOs
}

/** The same in full. */
export const wholeOsOf = (domain: DomainSummary, record: GuestRecord | undefined): string | null =>
  ownOs(domain, record) ?? domain.guestOs

/** The hypervisor's addresses, else those that the guest gave itself. */
export const addressesOf = (domain: DomainSummary, record: GuestRecord | undefined): readonly string[] =>
  domain.addresses.length > 0 ? domain.addresses.map(({ ip }) => ip) : (inside(domain, record)?.now?.addresses ?? [])

export interface MemoryUse {
  readonly used: number
  readonly total: number
}

export const guestMemoryOf = (domain: DomainSummary, record: GuestRecord | undefined): MemoryUse | null => {
  const point = inside(domain, record)?.points.at(-1)
  const { memoryUsed: used = null, memoryTotal: total = null } = point ?? {}
  return used === null || total === null || total <= 0 ? null : { used, total }
}

/** The filesystem that is nearest to being full. */
export const fullestOf = (domain: DomainSummary, record: GuestRecord | undefined): Volume | null =>
  inside(domain, record)?.now?.volumes[0] ?? null
