/** Files on their way into machines and out of them: what runs, what waits, what can go on. Lives as long as the window. */
import { type AppError, type DomainId, RemoteError } from '@vireo/app-main/contract'
import { createStore, type StoreApi } from 'zustand/vanilla'
import { appErrorOf } from '../../store/app-error.ts'
import { type PacePoint, withPoint } from './pace.ts'

export type TransferState = 'waiting' | 'running' | 'stopped' | 'failed' | 'done'

export interface TransferFacts {
  readonly machine: DomainId
  readonly machineName: string
  readonly direction: 'upload' | 'download'
  /** As the person or the guest calls it: made harmless where it is shown. */
  readonly name: string
  /** The guest's folder that it goes to or comes from. */
  readonly folder: string
  /** Bytes of the whole; null when nobody told. */
  readonly size: number | null
}

export interface Transfer extends TransferFacts {
  readonly id: number
  readonly state: TransferState
  /** Of the whole; what was there before a resumption counts. */
  readonly bytes: number
  readonly points: readonly PacePoint[]
  readonly error: AppError | null
  /** Bytes that an earlier attempt had brought, 0 when it began anew. */
  readonly resumedAt: number
  /** Of several files: which one is under way. */
  readonly step: { readonly at: number; readonly of: number } | null
  /** Links and devices that were passed over. */
  readonly leftOut: number
}

/** What a job tells while it works. */
export interface Report {
  progress(bytes: number): void
  resumed(bytes: number): void
  size(bytes: number): void
  step(at: number, of: number): void
  leftOut(count: number): void
}

/** The work of one transfer. It may be run again after it failed or was stopped, and goes on where it was if it can. */
export interface Job {
  run(report: Report, signal: AbortSignal): Promise<void>
  /** Lets go of what it half did; called once, when nobody will run it again. */
  discard(): void
}

export interface NewTransfer {
  readonly facts: TransferFacts
  readonly job: Job
}

export interface TransferStore {
  readonly state: StoreApi<{ readonly transfers: readonly Transfer[] }>
  add(facts: TransferFacts, job: Job): number
  /** Thousands at once are one change. */
  addAll(all: readonly NewTransfer[]): void
  /** Stops it; `resume` goes on. */
  cancel(id: number): void
  resume(id: number): void
  /** Takes it off the list, and gives it up where it is not done. */
  remove(id: number): void
  clearDone(machine: DomainId): void
  /** Called once each time one is done or fails. */
  onEnded(listener: (transfer: Transfer) => void): () => void
}

/** More at once would only take the agent's one channel from each other. */
const PER_MACHINE = 2
/** Ended ones beyond that many leave the list by themselves. */
const KEPT = 200
/** Milliseconds between two paintings of what runs. */
const PAINT_MS = 200

interface Entry {
  readonly job: Job
  controller: AbortController | null
  /** Told since the last painting. */
  news: Partial<Transfer>
}

class Transfers implements TransferStore {
  readonly state = createStore<{ readonly transfers: readonly Transfer[] }>(() => ({ transfers: [] }))
  readonly #entries = new Map<number, Entry>()
  readonly #listeners = new Set<(transfer: Transfer) => void>()
  readonly #now: () => number
  #painting = false
  #lastId = 0

  constructor(now: () => number) {
    this.#now = now
  }

  add(facts: TransferFacts, job: Job): number {
    this.addAll([{ facts, job }])
    return this.#lastId
  }

  addAll(all: readonly NewTransfer[]): void {
    const told = { bytes: 0, points: [], error: null, resumedAt: 0, step: null, leftOut: 0 } as const
    const fresh = all.map(({ facts, job }) => {
      const id = ++this.#lastId
      this.#entries.set(id, { job, controller: null, news: {} })
      return { ...facts, ...told, state: 'waiting' as const, id }
    })
    this.state.setState(({ transfers }) => ({ transfers: [...transfers, ...fresh] }))
    this.#forgetOld()
    this.#pump()
  }

  cancel(id: number): void {
    const transfer = this.#find(id)
    if (transfer?.state === 'waiting') this.#change(id, { state: 'stopped' })
    if (transfer?.state !== 'running') return
    this.#change(id, { state: 'stopped' })
    this.#entries.get(id)?.controller?.abort()
  }

  resume(id: number): void {
    const transfer = this.#find(id)
    if (transfer?.state !== 'stopped' && transfer?.state !== 'failed') return
    this.#change(id, { state: 'waiting', error: null, points: [] })
    this.#pump()
  }

  remove(id: number): void {
    const entry = this.#entries.get(id)
    this.#entries.delete(id)
    this.state.setState(({ transfers }) => ({ transfers: transfers.filter(one => one.id !== id) }))
    if (!entry) return
    entry.controller?.abort()
    // What still runs is given up when it has let go.
    if (!entry.controller) entry.job.discard()
    this.#pump()
  }

  clearDone(machine: DomainId): void {
    const done = this.state.getState().transfers.filter(one => one.machine === machine && one.state === 'done')
    for (const { id } of done) this.remove(id)
  }

  onEnded(listener: (transfer: Transfer) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  #find(id: number): Transfer | undefined {
    return this.state.getState().transfers.find(one => one.id === id)
  }

  #change(id: number, news: Partial<Transfer>): void {
    const entry = this.#entries.get(id)
    const told = { ...entry?.news, ...news }
    if (entry) entry.news = {}
    this.state.setState(({ transfers }) => ({
      transfers: transfers.map(one => (one.id === id ? { ...one, ...told } : one)),
    }))
  }

  /** Starts what may run. One that was stopped and has not let go yet counts still. */
  #pump(): void {
    const busy = new Map<DomainId, number>()
    const { transfers } = this.state.getState()
    for (const { id, machine } of transfers)
      if (this.#entries.get(id)?.controller) busy.set(machine, (busy.get(machine) ?? 0) + 1)
    for (const { id, machine, state } of transfers) {
      const entry = this.#entries.get(id)
      const count = busy.get(machine) ?? 0
      if (state !== 'waiting' || !entry || entry.controller || count >= PER_MACHINE) continue
      busy.set(machine, count + 1)
      void this.#run(id, entry)
    }
  }

  async #run(id: number, entry: Entry): Promise<void> {
    const controller = new AbortController()
    entry.controller = controller
    this.#change(id, { state: 'running' })
    let error: AppError | null = null
    try {
      await entry.job.run(this.#report(id, entry, controller.signal), controller.signal)
    } catch (thrown) {
      error = appErrorOf(thrown)
    }
    entry.controller = null
    if (!this.#entries.has(id)) entry.job.discard()
    else if (error === null) this.#end(id, { state: 'done', error: null })
    else if (!controller.signal.aborted) this.#end(id, { state: 'failed', error })
    this.#pump()
  }

  #end(id: number, news: Partial<Transfer>): void {
    this.#change(id, news)
    const transfer = this.#find(id)
    if (transfer) for (const listener of [...this.#listeners]) listener(transfer)
  }

  #report(id: number, entry: Entry, signal: AbortSignal): Report {
    const tell = (news: Partial<Transfer>): void => {
      if (signal.aborted) return
      entry.news = { ...entry.news, ...news }
      if (!this.#painting) setTimeout(() => this.#paint(), PAINT_MS)
      this.#painting = true
    }
    return {
      progress: bytes => tell({ bytes }),
      resumed: resumedAt => {
        // What was there before is no speed.
        if (!signal.aborted && this.#find(id)?.resumedAt !== resumedAt) this.#change(id, { resumedAt, points: [] })
      },
      size: size => tell({ size }),
      step: (at, of) => tell({ step: { at, of } }),
      leftOut: leftOut => tell({ leftOut }),
    }
  }

  #paint(): void {
    this.#painting = false
    const at = this.#now()
    this.state.setState(({ transfers }) => ({
      transfers: transfers.map(one => {
        const entry = this.#entries.get(one.id)
        if (!entry || one.state !== 'running') return one
        const { news } = entry
        entry.news = {}
        const next = { ...one, ...news }
        // What the guest had already passes at once and is no speed.
        const counts = next.bytes > next.resumedAt
        return { ...next, points: counts ? withPoint(one.points, { at, bytes: next.bytes }) : [] }
      }),
    }))
  }

  #forgetOld(): void {
    const done = this.state.getState().transfers.filter(({ state }) => state === 'done')
    for (const { id } of done.slice(0, Math.max(0, done.length - KEPT))) this.remove(id)
  }
}

/** `now` gives milliseconds of a clock that only goes forward. */
export const createTransferStore = (now: () => number = () => performance.now()): TransferStore => new Transfers(now)

/** The window's own. */
export const transfers: TransferStore = createTransferStore()

/** Names in a guest's folder that uploads are to have: also of those that were stopped or failed and may go on. */
export const namesUnderWay = (all: readonly Transfer[], machine: DomainId, folder: string): ReadonlySet<string> =>
  new Set(
    all
      .filter(one => one.machine === machine && one.folder === folder)
      .filter(one => one.direction === 'upload' && one.state !== 'done')
      .map(({ name }) => name),
  )

/** What a job throws when its signal was aborted. */
export const stopped = (): RemoteError => new RemoteError({ kind: 'cancelled', message: 'The transfer was stopped.' })
