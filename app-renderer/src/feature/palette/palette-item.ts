/** What the palette offers. */
import type { DomainState } from '@vireo/app-main/contract'
import type { IconName } from '../../ui/index.ts'
import { fuzzy, type Way } from './fuzzy.ts'

export type PaletteGroup = 'recent' | 'actions' | 'machines' | 'connections' | 'views'

export interface PaletteItem {
  /** Stable over sessions: the recent ones are remembered by it. */
  readonly id: string
  readonly group: PaletteGroup
  readonly label: string
  /** What the label is about, emphasised: a machine's name. */
  readonly object?: string
  /** Shown at the end of the line and searched too. */
  readonly note?: string
  readonly icon?: IconName
  readonly state?: DomainState
  readonly kbd?: string
  /** It takes something away: among equals it stands below what does not. */
  readonly risky?: boolean
  readonly run: () => void
}

export interface Found {
  readonly item: PaletteItem
  /** Matched letters of `label + ' ' + object`. */
  readonly at: ReadonlySet<number>
}

const MOST = 60
/** More than the length of a word weighs, less than any better match. */
const RISK = 1
const ORDER: readonly PaletteGroup[] = ['recent', 'actions', 'machines', 'connections', 'views']
/** Without a query there is nothing to rank by: machines first, a few actions are no help. */
const IDLE: readonly PaletteGroup[] = ['recent', 'machines', 'views', 'connections']

const fieldsOf = (item: PaletteItem): readonly string[] => (item.object ? [item.label, item.object] : [item.label])

type Judged = Found & { readonly score: number }

const judge = (item: PaletteItem, query: string, way: Way): Judged | null => {
  const fields = fieldsOf(item)
  const match = fuzzy(fields, query, way)
  if (match) return { item, at: new Set(match.at), score: match.score - (item.risky ? RISK : 0) }
  // Letters scattered over a note would find anything.
  const noted = item.note && way === 'direct' ? fuzzy([...fields, item.note], query) : null
  const { length } = fields.join(' ')
  return noted ? { item, at: new Set(noted.at.filter(index => index < length)), score: noted.score - 20 } : null
}

/** Scattered letters only where nothing reads as it was typed. */
const judgeAll = (items: readonly PaletteItem[], query: string): readonly Judged[] => {
  const judged = items.flatMap(item => judge(item, query, 'direct') ?? [])
  return judged.length > 0 ? judged : items.flatMap(item => judge(item, query, 'scattered') ?? [])
}

const byGroup = (found: readonly Found[], order: readonly PaletteGroup[]): readonly Found[] =>
  order.flatMap(group => found.filter(each => each.item.group === group))

/** What to show for a query, in groups; recently used ones first. */
export const findItems = (
  items: readonly PaletteItem[],
  query: string,
  recent: readonly string[],
): readonly Found[] => {
  const rank = new Map(recent.map((id, at) => [id, recent.length - at]))
  if (query.trim() === '') {
    const known = recent.flatMap(id => items.find(item => item.id === id) ?? []).slice(0, 5)
    const again = known.map(item => ({ item: { ...item, group: 'recent' as const }, at: new Set<number>() }))
    const used = new Set(known.map(item => item.id))
    const rest = items.filter(item => !used.has(item.id)).map(item => ({ item, at: new Set<number>() }))
    return byGroup([...again, ...rest], IDLE).slice(0, MOST)
  }
  const found = [...judgeAll(items, query)]
    .sort((a, b) => b.score + (rank.get(b.item.id) ?? 0) * 2 - (a.score + (rank.get(a.item.id) ?? 0) * 2))
    .slice(0, MOST)
  // The group of the best hit leads, so that Enter runs what was meant.
  const lead = found[0]?.item.group
  return byGroup(found, lead ? [lead, ...ORDER.filter(group => group !== lead)] : ORDER)
}
