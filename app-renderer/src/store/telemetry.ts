/** What is measured inside the machines on screen, and of no others; nothing while the window is hidden. */
import type { DomainId, VireoClient } from '@vireo/app-main/contract'
import { createStore, type StoreApi } from 'zustand/vanilla'
import { type GuestRecord, learn, silence } from './guest-series.ts'

export interface TelemetryState {
  readonly byId: ReadonlyMap<DomainId, GuestRecord>
}

/** `history` is for the machine that is looked at: the last quarter of an hour, often. `newest` is for the many in a list. */
export type Depth = 'history' | 'newest'

export interface TelemetryStore {
  readonly state: StoreApi<TelemetryState>
  /** Measures these until the returned function is called. */
  watch(ids: readonly DomainId[], depth: Depth): () => void
}

/** Seconds between measurements. */
export const INTERVALS: Readonly<Record<Depth, number>> = { history: 5, newest: 10 }
/** Milliseconds before the first question about a machine that just came into view. */
const SOON = 150
/** Timers may be this much too early, milliseconds. */
const EARLY = 50
/** The contract takes at most so many ids in one call. */
const MOST = 200
/** Machines whose history is kept although nobody looks at it now. */
const KEPT_HISTORIES = 4
/** Machines that are remembered at all; the oldest go first. */
const KEPT_MACHINES = 2000
/** After so many answers without a sample the clocks may have parted: everything is asked for. */
const EMPTY_ANSWERS = 3

interface Page {
  readonly hidden: boolean
  addEventListener(type: 'visibilitychange', listener: () => void): void
}

interface Question {
  readonly ids: readonly DomainId[]
  readonly since: number
  readonly depth: Depth
}

/** What is known of the questions about one machine. */
interface Asked {
  /** `performance.now()` of the last answer. */
  at: number
  /** Answers without a sample in a row. */
  empty: number
}

/** Who watches what, and which machine is to be asked about next. */
class Watchers {
  readonly #all = new Set<{ readonly ids: readonly DomainId[]; readonly depth: Depth }>()
  readonly #asked = new Map<DomainId, Asked>()
  /** Those whose history was looked at, the latest first. */
  #recent: readonly DomainId[] = []

  add(ids: readonly DomainId[], depth: Depth): () => void {
    const own = { ids: [...ids], depth }
    this.#all.add(own)
    if (depth === 'history') this.#recent = [...new Set([...ids, ...this.#recent])].slice(0, KEPT_HISTORIES)
    return () => void this.#all.delete(own)
  }

  depthOf(id: DomainId): Depth {
    for (const { ids, depth } of this.#all) if (depth === 'history' && ids.includes(id)) return depth
    return 'newest'
  }

  keepsHistory(id: DomainId): boolean {
    return this.#recent.includes(id) || this.depthOf(id) === 'history'
  }

  asked(id: DomainId): Asked | undefined {
    return this.#asked.get(id)
  }

  note(id: DomainId, samples: number): void {
    const empty = samples === 0 ? (this.#asked.get(id)?.empty ?? 0) + 1 : 0
    this.#asked.delete(id)
    this.#asked.set(id, { at: performance.now(), empty })
    const [oldest] = this.#asked.keys()
    if (this.#asked.size > KEPT_MACHINES && oldest) this.#asked.delete(oldest)
  }

  /** Milliseconds until somebody is to be asked about; `Infinity` when nobody watches. */
  get next(): number {
    return Math.min(Infinity, ...this.#watched().map(id => this.#wait(id)))
  }

  /** Who is due, and with them who soon would be. */
  due(): readonly DomainId[] {
    const ids = this.#watched()
    if (!ids.some(id => this.#wait(id) <= EARLY)) return []
    return ids.filter(id => this.#wait(id) <= (INTERVALS[this.depthOf(id)] * 1000) / 2)
  }

  #watched(): readonly DomainId[] {
    return [...new Set([...this.#all].flatMap(({ ids }) => ids))]
  }

  #wait(id: DomainId): number {
    return (this.#asked.get(id)?.at ?? -Infinity) + INTERVALS[this.depthOf(id)] * 1000 - performance.now()
  }
}

/** A little more than the newest sample that a list needs, milliseconds. */
const RECENT = 2.5 * INTERVALS.newest * 1000

/** The server's clock, as its samples tell it: this computer's may be another one. */
class ServerClock {
  #at = 0
  #heard: number | null = null

  hear(at: number): void {
    this.#at = at
    this.#heard = performance.now()
  }

  get now(): number {
    return this.#heard === null ? Date.now() : this.#at + performance.now() - this.#heard
  }
}

const inBatches = (ids: readonly DomainId[], since: number): readonly Question[] =>
  Array.from({ length: Math.ceil(ids.length / MOST) }, (_, at) => ({
    ids: ids.slice(at * MOST, (at + 1) * MOST),
    since,
    depth: 'newest',
  }))

const questionsFor = (ids: readonly DomainId[], watchers: Watchers, state: TelemetryState, now: number) => {
  const lost = (id: DomainId): boolean => (watchers.asked(id)?.empty ?? 0) >= EMPTY_ANSWERS
  const looked = ids.filter(id => watchers.depthOf(id) === 'history')
  const listed = ids.filter(id => watchers.depthOf(id) === 'newest')
  const since = (id: DomainId): number => {
    const record = state.byId.get(id)
    // Of a machine that was only listed the newest moment alone is known.
    return lost(id) || !record || record.points.length < 2 ? 0 : (record.now?.at ?? 0)
  }
  return [
    ...looked.map((id): Question => ({ ids: [id], since: since(id), depth: 'history' })),
    ...inBatches(
      listed.filter(id => !lost(id)),
      now - RECENT,
    ),
    ...inBatches(listed.filter(lost), 0),
  ]
}

export const createTelemetryStore = (client: VireoClient, page: Page = document): TelemetryStore => {
  const state = createStore<TelemetryState>(() => ({ byId: new Map() }))
  const watchers = new Watchers()
  const clock = new ServerClock()
  let timer: ReturnType<typeof setTimeout> | undefined
  let asking = false

  const answer = async ({ ids, since, depth }: Question): Promise<void> => {
    const told = await client.guest.telemetry({ ids: [...ids], since, intervalSeconds: INTERVALS[depth] })
    const by = new Map(told.map(one => [one.id, one]))
    const before = state.getState().byId
    const next = new Map(before)
    let touched = false
    for (const id of ids) {
      const one = by.get(id)
      const known = before.get(id)
      watchers.note(id, one?.samples.length ?? 1)
      const record = one
        ? learn(known, one, { deep: watchers.keepsHistory(id), whole: since === 0 })
        : known && silence(known)
      if (!record || record === known) continue
      if (record.now) clock.hear(record.now.at)
      touched = true
      next.delete(id)
      next.set(id, record)
    }
    for (const id of next.keys()) {
      if (next.size <= KEPT_MACHINES) break
      next.delete(id)
    }
    if (touched) state.setState({ byId: next })
  }
  const ask = async (): Promise<void> => {
    timer = undefined
    if (asking || page.hidden) return
    const ids = watchers.due()
    const left = new Set(ids)
    asking = true
    try {
      for (const question of questionsFor(ids, watchers, state.getState(), clock.now)) {
        await answer(question)
        for (const id of question.ids) left.delete(id)
      }
    } catch {
      // A connection that fails says so itself; what is missing is a gap in the line, nothing more.
    } finally {
      asking = false
      for (const id of left) watchers.note(id, 1)
      plan()
    }
  }
  const plan = (soonest = SOON): void => {
    clearTimeout(timer)
    timer = undefined
    if (!asking && !page.hidden && watchers.next < Infinity)
      timer = setTimeout(() => void ask(), Math.max(soonest, watchers.next))
  }

  page.addEventListener('visibilitychange', () => plan(0))
  return {
    state,
    watch(ids, depth) {
      const stop = watchers.add(ids, depth)
      plan()
      return () => {
        stop()
        plan()
      }
    },
  }
}
