/** What only a machine's XML tells, read in the background a little at a time and kept until it changes. */
import { isNotFound, isTimeout, type Connection, type DomainRef } from '../../libvirt/index.ts'
import { parseDomainXml, type InterfaceXml } from '../../libvirt/xml/domain-xml.ts'
import type { DomainKey } from '../driver.ts'
import { osName } from './os-name.ts'

export interface Facts {
  readonly title: string | null
  readonly guestOs: string | null
  readonly vcpus: number
  readonly memoryBytes: number
  readonly macs: readonly string[]
  /** Network cards, and the network, bridge or device that each is plugged into. */
  readonly nics: readonly Nic[]
}

export type Nic = Pick<InterfaceXml, 'type' | 'mac' | 'source'>

/** Documents read at once; the connection has four calls in flight for everything. */
const AT_ONCE = 2
/** Milliseconds before a document is asked for again that a busy daemon did not give in time. */
const AGAIN_MS = 5000

/** What of a connection reads documents. */
export interface DocumentSource {
  readonly domain: Pick<Connection['domain'], 'getXmlDesc'>
}

export class FactsReader {
  readonly #known = new Map<DomainKey, Facts>()
  readonly #queue = new Map<DomainKey, DomainRef>()
  readonly #tell: (key: DomainKey, facts: Facts) => void
  #daemon: DocumentSource | null = null
  #running = 0
  readonly #waiting: (() => void)[] = []

  constructor(tell: (key: DomainKey, facts: Facts) => void) {
    this.#tell = tell
  }

  get(key: DomainKey): Facts | undefined {
    return this.#known.get(key)
  }

  /** Resolves when nothing is left to read. */
  idle(): Promise<void> {
    return new Promise(resolve => {
      this.#waiting.push(resolve)
      this.#pump()
    })
  }

  /** Reads through this daemon from now on, and everything again: it may have changed meanwhile. */
  restart(daemon: DocumentSource, all: Iterable<DomainRef>): void {
    this.#daemon = daemon
    this.#queue.clear()
    for (const ref of all) this.#queue.set(ref.uuid, ref)
    this.#pump()
  }

  stop(): void {
    this.#daemon = null
    this.#queue.clear()
    this.#pump()
  }

  read(ref: DomainRef): void {
    this.#queue.set(ref.uuid, ref)
    this.#pump()
  }

  forget(key: DomainKey): void {
    this.#known.delete(key)
    this.#queue.delete(key)
  }

  #pump(): void {
    const daemon = this.#daemon
    while (daemon !== null && this.#running < AT_ONCE) {
      const next = this.#queue.values().next().value
      if (next === undefined) {
        if (this.#running === 0) this.#wake()
        return
      }
      this.#queue.delete(next.uuid)
      this.#running++
      void this.#readOne(daemon, next).finally(() => {
        this.#running--
        this.#pump()
      })
    }
    if (daemon === null) this.#wake()
  }

  #readAgain(daemon: DocumentSource, ref: DomainRef): void {
    if (this.#daemon === daemon) this.read(ref)
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  async #readOne(daemon: DocumentSource, ref: DomainRef): Promise<void> {
    try {
      const xml = await daemon.domain.getXmlDesc(ref, 0, { lane: 'background', deadlineMs: 30_000 })
      const facts = factsOf(xml)
      if (this.#daemon !== daemon) return
      this.#known.set(ref.uuid, facts)
      this.#tell(ref.uuid, facts)
    } catch (error) {
      // Gone, or the connection ended, or a document that cannot be read: the summary does without these facts.
      if (isNotFound(error) || this.#daemon !== daemon) return
      this.#known.delete(ref.uuid)
      if (isTimeout(error)) setTimeout(() => this.#readAgain(daemon, ref), AGAIN_MS).unref()
    }
  }
}

const factsOf = (xml: string): Facts => {
  const { title, osId, vcpus, memoryBytes, interfaces } = parseDomainXml(xml)
  return {
    title,
    guestOs: osId === null ? null : osName(osId),
    vcpus,
    memoryBytes,
    macs: interfaces.flatMap(({ mac }) => mac ?? []),
    nics: interfaces.map(({ type, mac, source }) => ({ type, mac, source })),
  }
}
