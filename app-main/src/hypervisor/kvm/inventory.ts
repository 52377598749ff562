/**
 * The machines of one daemon. Read in at most five requests however many they are, then kept by events: what is told
 * within one tick is asked about in one request.
 */
import { domainId, type ConnectionUri, type DomainSummary, type HypervisorKind } from '../../contract/index.ts'
import * as v from '../../libvirt/generated/constants.ts'
import {
  isNotFound,
  isUnsupported,
  type Connection,
  type DomainRef,
  type DomainStatsRecord,
} from '../../libvirt/index.ts'
import { DomainTable } from '../domain-table.ts'
import type { DomainKey } from '../driver.ts'
import { FactsReader, type Facts } from './facts.ts'
import { stateWords } from './states.ts'
import { numbersOf, SUMMARY_GROUPS } from './stats.ts'

export class Inventory {
  readonly table = new DomainTable()
  readonly #uri: ConnectionUri
  readonly #kind: HypervisorKind
  readonly #refs = new Map<DomainKey, DomainRef>()
  readonly #facts = new FactsReader((key, facts) => this.#tellFacts(key, facts))
  /** What bulk statistics told, where they do. */
  readonly #measured = new Map<DomainKey, { vcpus: number | undefined; memoryBytes: number | undefined }>()
  readonly #dirty = new Map<DomainKey, DomainRef>()
  #daemon: Connection | null = null
  #refreshing: Promise<void> | null = null

  constructor(uri: ConnectionUri, kind: HypervisorKind) {
    this.#uri = uri
    this.#kind = kind
  }

  ref(key: DomainKey): DomainRef | undefined {
    return this.#refs.get(key)
  }

  facts(key: DomainKey): Facts | undefined {
    return this.#facts.get(key)
  }

  /** Follows this daemon: listens first and lists after, so that nothing is missed in between. */
  async follow(daemon: Connection): Promise<void> {
    this.#daemon = null
    this.#dirty.clear()
    const early = this.#listen(daemon)
    await daemon.events.subscribe()
    await this.#readAll(daemon)
    this.#daemon = daemon
    this.#facts.restart(daemon, this.#refs.values())
    for (const ref of early()) this.touch(ref)
  }

  /** The daemon is gone: what is known stays, marked as old. */
  lose(): void {
    this.#daemon = null
    this.#facts.stop()
    this.#dirty.clear()
    for (const key of this.table.domains.keys()) this.table.patch(key, { stale: true })
  }

  /** Asks about a machine soon, together with others. */
  touch(ref: DomainRef): void {
    this.#dirty.set(ref.uuid, ref)
    if (this.#daemon !== null) void this.refresh()
  }

  /** Resolves when everything that was touched before is up to date. Never rejects. */
  async refresh(): Promise<void> {
    await this.#refreshing
    this.#refreshing ??= this.#refreshDirty().finally(() => (this.#refreshing = null))
    await this.#refreshing
  }

  /** Resolves when also the definitions that tell of machines have been read. Never rejects. */
  async complete(): Promise<void> {
    await this.refresh()
    await this.#facts.idle()
  }

  #listen(daemon: Connection): () => DomainRef[] {
    const early: DomainRef[] = []
    const touch = (ref: DomainRef) => {
      if (this.#daemon === daemon) this.touch(ref)
      else early.push(ref)
    }
    const { events } = daemon
    events.onDomainLifecycle(({ domain, event }) => {
      if (event === v.VIR_DOMAIN_EVENT_DEFINED || event === v.VIR_DOMAIN_EVENT_STARTED) this.#facts.read(domain)
      touch(domain)
    })
    events.onDomainReboot(touch)
    events.onDomainBalloonChange(({ domain }) => touch(domain))
    events.onDomainMetadataChange(({ domain }) => this.#facts.read(domain))
    for (const listen of [events.onDomainDeviceAdded, events.onDomainDeviceRemoved])
      listen(({ domain }) => this.#facts.read(domain))
    return () => early.splice(0)
  }

  async #readAll(daemon: Connection): Promise<void> {
    const keys = async (flags: number) => new Set((await daemon.domain.listAll(flags)).map(({ uuid }) => uuid))
    const [refs, stats, saved, automatic, persistent] = await Promise.all([
      daemon.domain.listAll(),
      bulkStats(daemon),
      keys(v.VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE),
      keys(v.VIR_CONNECT_LIST_DOMAINS_AUTOSTART),
      keys(v.VIR_CONNECT_LIST_DOMAINS_PERSISTENT),
    ])
    const records = stats ?? (await oneByOne(daemon, refs))
    const byKey = new Map(records.map(record => [record.domain.uuid, record]))
    const all = new Map<DomainKey, DomainSummary>()
    this.#refs.clear()
    this.#measured.clear()
    for (const ref of refs) {
      this.#refs.set(ref.uuid, ref)
      const flags = {
        saved: saved.has(ref.uuid),
        autostart: automatic.has(ref.uuid),
        persistent: persistent.has(ref.uuid),
      }
      all.set(ref.uuid, this.#summary(ref, byKey.get(ref.uuid), flags))
    }
    this.table.replace(all)
  }

  async #refreshDirty(): Promise<void> {
    // One tick, so that what is told together is asked together.
    await new Promise(resolve => setImmediate(resolve))
    const daemon = this.#daemon
    const dirty = [...this.#dirty.values()]
    this.#dirty.clear()
    if (daemon === null || dirty.length === 0) return
    try {
      const stats = await daemon.domain.listGetStats(dirty, { stats: SUMMARY_GROUPS }).catch(unsupportedIsNull)
      const records = stats ?? (await oneByOne(daemon, dirty))
      await Promise.all(dirty.map(ref => this.#refreshOne(daemon, ref, records)))
    } catch (error) {
      // A connection that ended resyncs in full when it is back; after any other failure these are asked about again.
      if (this.#daemon === daemon && daemon.closeReason === undefined) this.#retry(dirty, error)
    }
  }

  #retry(dirty: readonly DomainRef[], error: unknown): void {
    for (const ref of dirty) this.table.patch(ref.uuid, { state: 'unknown', reason: reasonOf(error) })
    setTimeout(() => dirty.forEach(ref => this.touch(ref)), 2000).unref()
  }

  async #refreshOne(daemon: Connection, ref: DomainRef, records: readonly DomainStatsRecord[]): Promise<void> {
    const record = records.find(({ domain }) => domain.uuid === ref.uuid)
    const flags = record === undefined ? null : await flagsOf(daemon, ref)
    if (this.#daemon !== daemon) return
    if (record === undefined || flags === null) {
      this.#refs.delete(ref.uuid)
      this.#measured.delete(ref.uuid)
      this.#facts.forget(ref.uuid)
      this.table.delete(ref.uuid)
      return
    }
    this.#refs.set(ref.uuid, record.domain)
    this.table.set(ref.uuid, this.#summary(record.domain, record, flags))
  }

  #summary(ref: DomainRef, record: DomainStatsRecord | undefined, flags: Flags): DomainSummary {
    const numbers = record === undefined ? new Map<string, number>() : numbersOf(record)
    const known = this.table.domains.get(ref.uuid)
    const facts = this.#facts.get(ref.uuid)
    const { state, reason } = stateWords(numbers.get('state.state') ?? 0, numbers.get('state.reason') ?? 0, flags.saved)
    const memory = numbers.get('balloon.current') ?? numbers.get('balloon.maximum')
    const memoryBytes = memory === undefined ? undefined : memory * 1024
    const vcpus = numbers.get('vcpu.current')
    this.#measured.set(ref.uuid, { vcpus, memoryBytes })
    const on = !['shutoff', 'saved', 'crashed', 'unknown'].includes(state)
    return {
      id: domainId(ref.uuid, this.#uri),
      uuid: ref.uuid,
      name: ref.name,
      connection: this.#uri,
      kind: this.#kind,
      state,
      reason,
      vcpus: vcpus ?? facts?.vcpus ?? null,
      memoryBytes: memoryBytes ?? facts?.memoryBytes ?? null,
      addresses: on ? (known?.addresses ?? []) : [],
      guestOs: facts?.guestOs ?? null,
      title: facts?.title ?? null,
      autostart: flags.autostart,
      persistent: flags.persistent,
      stale: false,
    }
  }

  #tellFacts(key: DomainKey, facts: Facts): void {
    const known = this.table.domains.get(key)
    if (known === undefined) return
    const measured = this.#measured.get(key)
    this.table.patch(key, {
      title: facts.title,
      guestOs: facts.guestOs,
      vcpus: measured?.vcpus ?? facts.vcpus,
      memoryBytes: measured?.memoryBytes ?? facts.memoryBytes,
    })
  }
}

interface Flags {
  readonly saved: boolean
  readonly autostart: boolean
  readonly persistent: boolean
}

const unsupportedIsNull = (error: unknown): null => {
  if (!isUnsupported(error)) throw error
  return null
}

const bulkStats = (daemon: Connection): Promise<DomainStatsRecord[] | null> =>
  daemon.domain.getAllStats({ stats: SUMMARY_GROUPS }).catch(unsupportedIsNull)

/** For drivers without bulk statistics. Machines that vanish meanwhile are left out. */
const oneByOne = async (daemon: Connection, refs: readonly DomainRef[]): Promise<DomainStatsRecord[]> => {
  const record = async (domain: DomainRef): Promise<DomainStatsRecord[]> => {
    try {
      const { state, reason } = await daemon.domain.getState(domain)
      const params = [
        { field: 'state.state', type: 1, value: state },
        { field: 'state.reason', type: 1, value: reason },
      ]
      return [{ domain, params }]
    } catch (error) {
      if (isNotFound(error)) return []
      throw error
    }
  }
  return (await Promise.all(refs.map(record))).flat()
}

/** Null when it is gone. */
const flagsOf = async (daemon: Connection, ref: DomainRef): Promise<Flags | null> => {
  const ask = (call: Promise<boolean>) => call.catch((error: unknown) => unsupportedIsNull(error) ?? false)
  try {
    const [saved, autostart, persistent] = await Promise.all([
      ask(daemon.domain.hasManagedSaveImage(ref)),
      ask(daemon.domain.getAutostart(ref)),
      ask(daemon.domain.isPersistent(ref)),
    ])
    return { saved, autostart, persistent }
  } catch (error) {
    if (isNotFound(error)) return null
    throw error
  }
}

const reasonOf = (error: unknown): string => `Unknown: ${error instanceof Error ? error.message : String(error)}`
