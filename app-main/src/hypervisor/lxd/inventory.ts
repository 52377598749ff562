/**
 * The instances of one daemon. Listed in one request that asks no instance anything, then kept by events; what only the
 * running instances themselves tell (addresses) follows in the background, so that a sick one delays nobody.
 */
import { z } from 'zod'
import { createLog } from '../../base/log.ts'
import type { ConnectionUri, DomainSummary } from '../../contract/index.ts'
import { Instance, InstanceState, isNotFound, type LxdClient } from '../../lxd/index.ts'
import { DomainTable } from '../domain-table.ts'
import type { DomainKey } from '../driver.ts'
import { AddressWatch } from './address-watch.ts'
import { keyOf, summaryOf, type HostSize } from './instance.ts'
import { stateWords } from './states.ts'

const log = createLog('lxd')
/** A thousand instances with their state are about 6 MiB. */
const LIST_BYTES = 128 * 1024 * 1024
const LIST_MS = 60_000
/** One instance; root inside a container decides how much there is to tell of its network. */
const ONE_BYTES = 4 * 1024 * 1024
const ONE_MS = 10_000
/** Instances asked about at once. */
const AT_ONCE = 8
/** With more news than this at once, the list is read again. */
const MANY = 64
/** The least time between two looks, however fast events come, in milliseconds. */
const GAP_MS = 50
/** When an instance that could not be read is asked about again, in milliseconds. */
const AGAIN_MS = 5000

export class Inventory {
  readonly table = new DomainTable()
  readonly #uri: ConnectionUri
  readonly #instances = new Map<DomainKey, Instance>()
  readonly #names = new Map<string, DomainKey>()
  readonly #dirty = new Set<string>()
  readonly #addresses = new AddressWatch(this.table, key => this.touchKey(key))
  #relist = false
  #host: HostSize | null = null
  #client: LxdClient | null = null
  #running: Promise<void> | null = null
  #states: Promise<void> = Promise.resolve()
  #lookedAt = -Infinity

  constructor(uri: ConnectionUri) {
    this.#uri = uri
  }

  instance(key: DomainKey): Instance | undefined {
    return this.#instances.get(key)
  }

  keyOfName(name: string): DomainKey | undefined {
    return this.#names.get(name)
  }

  get host(): HostSize | null {
    return this.#host
  }

  /** Follows this daemon. News that came before count, too. */
  async follow(client: LxdClient, host: HostSize): Promise<void> {
    this.#client = client
    this.#host = host
    await this.#list(client)
    if (this.#client !== client) return
    this.#states = this.#readStates(client)
    if (this.#dirty.size > 0) void this.refresh()
  }

  /** The daemon is gone: what is known stays, marked as old. */
  lose(): void {
    this.#client = null
    this.#dirty.clear()
    this.#relist = false
    this.#addresses.stop()
    for (const key of this.table.domains.keys()) this.table.patch(key, { stale: true })
  }

  /** Asks about an instance soon, together with others. */
  touch(name: string): void {
    if (this.#dirty.size < MANY) this.#dirty.add(name)
    else this.#relist = true
    if (this.#client !== null) void this.refresh()
  }

  touchKey(key: DomainKey): void {
    const instance = this.#instances.get(key)
    if (instance !== undefined) this.touch(instance.name)
  }

  /** Resolves when everything that was touched before is up to date. Never rejects. */
  async refresh(): Promise<void> {
    await this.#running
    this.#running ??= this.#work().finally(() => (this.#running = null))
    await this.#running
  }

  /** Resolves when also what the instances themselves tell is known, or cannot be read. Never rejects. */
  async complete(): Promise<void> {
    await this.#states
    await this.refresh()
  }

  /** What was just measured of an instance tells of its addresses, too. */
  learn(key: DomainKey, state: InstanceState): void {
    const known = this.#instances.get(key)
    // It may have changed since: the events tell that.
    if (known === undefined || known.status_code !== state.status_code) return
    this.#put({ ...known, state })
  }

  async #work(): Promise<void> {
    await new Promise(resolve => setTimeout(resolve, Math.max(0, this.#lookedAt + GAP_MS - performance.now())))
    const client = this.#client
    this.#lookedAt = performance.now()
    if (client === null) return
    const names = [...this.#dirty]
    const relist = this.#relist
    this.#dirty.clear()
    this.#relist = false
    try {
      if (!relist) return await inTurns(names, name => this.#readOne(client, name))
      await this.#list(client)
      this.#states = this.#readStates(client)
    } catch (error) {
      if (this.#client === client) log.warn('the list cannot be read', { uri: this.#uri, error })
    }
  }

  async #list(client: LxdClient): Promise<void> {
    const all = await readList(client, 1)
    if (this.#client !== client) return
    const before = new Map(this.#instances)
    this.#instances.clear()
    this.#names.clear()
    const summaries = new Map<DomainKey, DomainSummary>()
    for (const told of all) {
      const key = keyOf(told)
      // Until the instance is asked itself, its addresses are the last known ones.
      const instance = { ...told, state: told.state ?? before.get(key)?.state ?? null }
      this.#instances.set(key, instance)
      this.#names.set(instance.name, key)
      summaries.set(key, summaryOf(this.#uri, instance, this.#host))
    }
    this.table.replace(summaries)
  }

  /** Asks all at once; where that fails, for instance because one of them tells too much, each by itself. */
  async #readStates(client: LxdClient): Promise<void> {
    try {
      for (const instance of await readList(client, 2)) {
        const key = this.#client === client ? this.#names.get(instance.name) : undefined
        const known = key === undefined ? undefined : this.#instances.get(key)
        // What came by an event meanwhile is newer.
        if (known === undefined || known.status_code !== instance.status_code) continue
        this.#put({ ...known, state: instance.state, snapshots: instance.snapshots })
      }
    } catch (error) {
      if (this.#client !== client) return
      log.debug('the states cannot be read at once', { uri: this.#uri, error })
      const on = [...this.#instances.values()].filter(one => stateWords(one).state === 'running')
      await inTurns(on, ({ name }) => this.#readOne(client, name))
    }
    if (this.#client === client) this.#addresses.start()
  }

  async #readOne(client: LxdClient, name: string): Promise<void> {
    try {
      const instance = await readInstance(client, name)
      if (this.#client === client) this.#put(instance)
    } catch (error) {
      if (this.#client !== client) return
      if (isNotFound(error)) return this.#remove(name)
      this.#unknown(name, error)
    }
  }

  #put(instance: Instance): void {
    const key = keyOf(instance)
    const before = this.#instances.get(key)
    if (before !== undefined && before.name !== instance.name) this.#names.delete(before.name)
    const other = this.#names.get(instance.name)
    // Deleted and made anew under the same name.
    if (other !== undefined && other !== key) this.#forget(other)
    this.#instances.set(key, instance)
    this.#names.set(instance.name, key)
    this.table.set(key, summaryOf(this.#uri, instance, this.#host))
  }

  #remove(name: string): void {
    const key = this.#names.get(name)
    this.#names.delete(name)
    if (key !== undefined && this.#instances.get(key)?.name === name) this.#forget(key)
  }

  #forget(key: DomainKey): void {
    this.#instances.delete(key)
    this.table.delete(key)
  }

  #unknown(name: string, error: unknown): void {
    const key = this.#names.get(name)
    const why = error instanceof Error ? error.message : String(error)
    if (key !== undefined) this.table.patch(key, { state: 'unknown', reason: `Unknown: ${why}` })
    setTimeout(() => this.touch(name), AGAIN_MS).unref()
  }
}

/** What is no instance is left out, and said. */
const readList = async (client: LxdClient, recursion: 1 | 2): Promise<Instance[]> => {
  const path = client.path(['instances'], { recursion })
  const all = await client.get(path, z.array(z.unknown()).nullable(), { limitBytes: LIST_BYTES, deadlineMs: LIST_MS })
  return (all ?? []).flatMap(one => {
    const { data, error } = Instance.safeParse(one)
    if (data === undefined) log.warn('an instance is left out: what is told of it makes no sense', { error })
    return data ?? []
  })
}

/** An instance with its state; without, where the instance itself does not answer. */
const readInstance = async (client: LxdClient, name: string): Promise<Instance> => {
  const bounds = { limitBytes: ONE_BYTES, deadlineMs: ONE_MS }
  try {
    const whole = await client.get(client.path(['instances', name], { recursion: 1 }), Instance, bounds)
    if (whole.state !== undefined && whole.state !== null) return whole
    // Older daemons tell the state apart.
    return { ...whole, state: await client.get(client.path(['instances', name, 'state']), InstanceState, bounds) }
  } catch (error) {
    if (isNotFound(error)) throw error
    return client.get(client.path(['instances', name]), Instance, bounds)
  }
}

const inTurns = async <T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> => {
  const queue = [...items]
  const turn = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, queue.length) }, turn))
}
