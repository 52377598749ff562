/** The forwards of this person: kept in a file, served by the processes that stay, told of by all. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { createLog } from '../../base/log.ts'
import type { Disposable } from '../../base/disposable.ts'
import {
  ForwardId,
  RemoteError,
  splitDomainId,
  type DomainId,
  type Forward,
  type ForwardRule,
  type ForwardStatus,
} from '../../contract/index.ts'
import type { ConnectionSet } from '../connection/connection-set.ts'
import { ForwardFile, MOST_FORWARDS } from './forward-file.ts'
import { Forwarder, IDLE_STATUS, isLoopback, statusIn } from './forwarder.ts'
import { askHolder } from './lease.ts'
import { isHidden, passtOf, passtStatus, removePasst } from './passt-forwards.ts'
import { TcpProxy } from './tcp-proxy.ts'
import { checkGuestAddress, finder, type Finder } from './whereabouts.ts'

export interface ForwardDeskOptions {
  readonly connections: ConnectionSet
  readonly file: string
  /** Where the sockets stand by which processes agree on who forwards. */
  readonly runtimeFolder: () => Promise<string>
  /** Whether this process stays and forwards; else it only keeps and tells. */
  readonly serve: boolean
  readonly changed: () => void
  /** Where machines are; else as their connections know. */
  readonly finder?: Finder
}

/** How long an answer waits for the process that forwards, milliseconds. */
const PATIENCE_MS = 1500
const POLL_MS = 40
const WILDCARDS = ['0.0.0.0', '::']
const log = createLog('forward')

export type Wanted = Pick<ForwardRule, 'address' | 'port' | 'guestAddress' | 'guestPort'> & { readonly id: DomainId }

const overlap = (one: string, other: string): boolean =>
  one === other || WILDCARDS.includes(one) || WILDCARDS.includes(other)

const refuseTaken = (rules: readonly ForwardRule[], { address, port }: Pick<Wanted, 'address' | 'port'>): void => {
  const taken = rules.find(rule => rule.port === port && overlap(rule.address, address))
  if (taken)
    throw new RemoteError({
      kind: 'precondition',
      message: `Port ${port} of ${taken.address} leads to “${taken.name}” already (forward ${taken.id}).`,
      hint: `Take another port, or remove that one: vireo forward remove ${taken.id}`,
    })
  if (rules.length >= MOST_FORWARDS)
    throw new RemoteError({ kind: 'precondition', message: `There are ${MOST_FORWARDS} forwards, which is the most.` })
}

export class ForwardDesk implements Disposable {
  readonly #options: ForwardDeskOptions
  readonly #file: ForwardFile
  readonly #finder: Finder
  readonly #forwarders = new Map<ForwardId, Forwarder>()
  #watch: Disposable | null = null
  #syncing: Promise<void> = Promise.resolve()
  /** Machines whose connection this process does not have: another process may. */
  #waiting: readonly DomainId[] = []
  /** Those that libvirt keeps, and what was last seen of their machines. */
  #passt: readonly ForwardRule[] = []
  #glances = ''
  #ended = false

  constructor(options: ForwardDeskOptions) {
    this.#options = options
    this.#file = new ForwardFile(options.file)
    this.#finder = options.finder ?? finder(options.connections)
  }

  /** Begins to forward, where this process does. Never rejects: forwards must not keep Vireo from starting. */
  async open(): Promise<void> {
    if (!this.#options.serve) return
    try {
      const watch = await this.#file.watch(() => {
        void this.#sync()
        this.#options.changed()
      })
      if (this.#ended) return watch.dispose()
      this.#watch = watch
    } catch (error) {
      log.warn('changes by other processes will go unnoticed', { error })
    }
    await this.#sync()
  }

  /** Something about machines or connections changed. */
  news(): void {
    if (!this.#options.serve || this.#ended) return
    const lost = [...this.#forwarders.values()].some(({ rule }) => !this.#finder.knows(rule.domain))
    if (lost || this.#waiting.some(domain => this.#finder.knows(domain))) void this.#sync()
    for (const forwarder of this.#forwarders.values()) forwarder.news()
    const glances = this.#passt.map(({ domain }) => this.#finder.glance(domain)).join('\n')
    if (glances !== this.#glances) this.#options.changed()
    this.#glances = glances
  }

  async list(): Promise<Forward[]> {
    const rules = await this.#file.read()
    return Promise.all(rules.map(async rule => this.#told(rule, await this.#status(rule))))
  }

  /** Rejects with why a port of this computer cannot be forwarded. */
  async check(wanted: Pick<Wanted, 'address' | 'port'>): Promise<void> {
    refuseTaken(await this.#file.read(), wanted)
    await freePort(wanted)
  }

  async add(wanted: Wanted, signal: AbortSignal): Promise<Forward> {
    const { id, guestAddress } = wanted
    const { summary, connection, key } = await this.#options.connections.domain(id, signal)
    if (guestAddress !== null) checkGuestAddress(guestAddress)
    const { interfaces } = await connection.inspect.detail(key)
    const passt = guestAddress === null && isHidden(interfaces) ? passtOf({ connection, summary }) : null
    refuseTaken(await this.#file.read(), wanted)
    const port = await freePort(wanted)
    signal.throwIfAborted()
    const rule: ForwardRule = {
      ...{ id: ForwardId.parse(randomBytes(4).toString('hex')), domain: id, name: summary.name, protocol: 'tcp' },
      ...{ address: wanted.address, port, guestAddress, guestPort: wanted.guestPort },
      ...(passt && { way: 'passt' }),
    }
    // Before it is kept: what stands in the list stands in the definition.
    await passt?.add(key, rule)
    try {
      await this.#file.update(rules => {
        refuseTaken(rules, rule)
        return [...rules, rule]
      })
    } catch (error) {
      await passt?.remove(key, rule)
      throw error
    }
    await this.#sync()
    if (rule.way === 'passt') this.#options.changed()
    return this.#told(rule, await this.#statusSoon(rule, ({ state }) => state !== 'starting' && state !== 'nobody'))
  }

  /** Rejects with `not-found`. Its port is free then, unless the process that forwards hangs. */
  async remove(id: ForwardId): Promise<void> {
    const known = (await this.#file.read()).find(rule => rule.id === id)
    if (known?.way === 'passt') await removePasst(this.#options.connections, known)
    await this.#file.update(rules => {
      const rest = rules.filter(rule => rule.id !== id)
      if (rest.length < rules.length) return rest
      throw new RemoteError({
        kind: 'not-found',
        message: `There is no forward ${id}.`,
        hint: 'See: vireo forward list',
      })
    })
    await this.#sync()
    if (known && known.way !== 'passt') await this.#statusSoon(known, ({ pid }) => pid === null)
  }

  /** A machine was deleted: what led into it is over, and its ports are free. Rejects when they cannot be kept. */
  async forget(id: DomainId): Promise<void> {
    if (!(await this.#file.read()).some(({ domain }) => domain === id)) return
    // What a hypervisor kept itself went with the machine.
    await this.#file.update(rules => rules.filter(({ domain }) => domain !== id))
    await this.#sync()
    this.#options.changed()
  }

  dispose(): void {
    this.#ended = true
    this.#watch?.dispose()
    for (const forwarder of this.#forwarders.values()) void forwarder.dispose()
    this.#forwarders.clear()
  }

  #sync(): Promise<void> {
    this.#syncing = this.#syncing.then(async () => {
      if (!this.#options.serve || this.#ended) return
      try {
        await this.#adopt(await this.#file.read())
      } catch (error) {
        // What was forwarded until now goes on; whoever lists them hears why.
        log.warn('the forwards cannot be read', { error })
      }
    })
    return this.#syncing
  }

  async #adopt(rules: readonly ForwardRule[]): Promise<void> {
    const own = rules.filter(({ way }) => way !== 'passt')
    this.#passt = rules.filter(({ way }) => way === 'passt')
    const mine = own.filter(({ domain }) => this.#finder.knows(domain))
    this.#waiting = own.map(({ domain }) => domain).filter(domain => !this.#finder.knows(domain))
    const wanted = new Map(mine.map(rule => [rule.id, rule]))
    for (const [id, forwarder] of this.#forwarders) {
      if (JSON.stringify(wanted.get(id)) === JSON.stringify(forwarder.rule)) continue
      this.#forwarders.delete(id)
      await forwarder.dispose()
    }
    for (const rule of mine) {
      if (this.#forwarders.has(rule.id) || this.#ended) continue
      const socket = await this.#socket(rule.id)
      const { changed: onChange } = this.#options
      this.#forwarders.set(rule.id, new Forwarder({ rule, finder: this.#finder, socket, onChange }))
    }
  }

  async #socket(id: ForwardId): Promise<string> {
    return join(await this.#options.runtimeFolder(), `forward-${id}.sock`)
  }

  async #status(rule: ForwardRule): Promise<ForwardStatus> {
    const { id } = rule
    if (rule.way === 'passt') return passtStatus(this.#options.connections, rule)
    const own = this.#forwarders.get(id)
    if (own) return own.status
    const line = await askHolder(await this.#socket(id)).catch(() => null)
    return line === null ? { ...IDLE_STATUS, state: 'nobody', reason: NOBODY } : statusIn(line)
  }

  async #statusSoon(rule: ForwardRule, enough: (status: ForwardStatus) => boolean): Promise<ForwardStatus> {
    const limit = performance.now() + PATIENCE_MS
    for (;;) {
      const status = await this.#status(rule)
      if (enough(status) || performance.now() > limit) return status
      await wait(POLL_MS)
    }
  }

  #told(rule: ForwardRule, status: ForwardStatus): Forward {
    const { key, uri } = splitDomainId(rule.domain)
    const { connections } = this.#options
    const now = connections.has(uri) ? connections.get(uri).domains.get(key)?.name : undefined
    return { ...rule, name: now ?? rule.name, ...status, way: rule.way ?? 'proxy', exposed: !isLoopback(rule.address) }
  }
}

const NOBODY = 'No Vireo runs that forwards it: open the window, or run “vireo serve” or “vireo forward run”.'

/** Tries the port out, so that what cannot be is said now. Rejects with why. */
const freePort = async ({ address, port }: Pick<Wanted, 'address' | 'port'>): Promise<number> => {
  const probe = new TcpProxy({
    place: () => Promise.reject(new Error('nothing is forwarded yet')),
    onUnreachable: () => undefined,
    onCounts: () => undefined,
  })
  try {
    return await probe.listen({ host: address, port })
  } finally {
    await probe.close()
  }
}
