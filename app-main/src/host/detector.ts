/** Keeps what is known about this computer: quick facts at once, slow ones when they come, both again when something changes. */
import { createHash } from 'node:crypto'
import type { Disposable } from '../base/disposable.ts'
import { Emitter } from '../base/emitter.ts'
import { createLog } from '../base/log.ts'
import type { BootProbe, HostStatus } from '../contract/index.ts'
import { readAll, type HostFacts } from './facts/read-all.ts'
import { toldVersion } from './facts/version-text.ts'
import type { Machine } from './machine.ts'
import { runBootProbe } from './probe/run-probe.ts'
import { NOTHING_SLOW, statusOf, type SlowFacts } from './status.ts'
import { watchedFolders, watchHost, type WatchOptions } from './watch.ts'

/** How long the first look waits for any daemon, milliseconds: the cards shall stand within 300. */
const QUICK_MS = 200
/** Whoever may only look makes this computer look again at most so often, milliseconds. */
const GLANCE_MS = 10_000
const log = createLog('host')

export interface Known {
  readonly facts: HostFacts
  readonly status: HostStatus
}

export class Detector implements Disposable {
  readonly #machine: Machine
  readonly #changes = new Emitter<HostStatus>()
  readonly #watchOptions: WatchOptions
  #slow: SlowFacts = NOTHING_SLOW
  /** What the boot probe's word depends on; it is asked again only when this changed. */
  #probedFor = ''
  #probing: Promise<BootProbe | null> | undefined
  #known: Known | undefined
  #quick: Promise<Known> | undefined
  #complete: Promise<Known> | undefined
  /** Something changed while we looked: look once more. */
  #again = false
  #lookedAt = -Infinity
  #watch: Disposable | undefined
  readonly #ending = new AbortController()

  /** Fires with every status that differs from the one before. */
  readonly onChange = this.#changes.event

  constructor(machine: Machine, watchOptions: WatchOptions = {}) {
    this.#machine = machine
    this.#watchOptions = {
      folders: watchedFolders({ XDG_RUNTIME_DIR: machine.user.runtimeFolder, ...machine.environment }),
      ...watchOptions,
    }
  }

  /** What is so at this moment, slow probes left out: for whoever is about to change something. */
  facts(): Promise<HostFacts> {
    return readAll(this.#machine)
  }

  /** What is known so far, looked up now if nothing is; slow probes may still be under way. */
  async quick(): Promise<Known> {
    if (this.#known) return this.#known
    void this.complete().catch(() => undefined)
    return this.#quick ?? this.complete()
  }

  /** With every slow probe done. */
  complete(): Promise<Known> {
    this.#watch ??= this.#ending.signal.aborted ? undefined : watchHost(() => this.#changed(), this.#watchOptions)
    if (this.#known && !this.#complete && !this.#known.status.hypervisors.kvm.probing)
      return Promise.resolve(this.#known)
    return (this.#complete ??= this.#look().finally(() => {
      this.#complete = undefined
      if (!this.#again || this.#ending.signal.aborted) return
      this.#again = false
      this.#refreshQuietly()
    }))
  }

  /** Looks again at everything; without `probe` the boot probe runs only where its word may have changed. */
  async refresh({ probe }: { readonly probe: boolean } = { probe: true }): Promise<Known> {
    await this.#complete?.catch(() => undefined)
    if (probe) this.#probedFor = ''
    this.#known = undefined
    return this.complete()
  }

  /** As `refresh`, for whoever may not keep this computer busy: not again and again, and no guest is booted for it. */
  async glance(): Promise<Known> {
    const { signal } = this.#ending
    if (this.#complete || signal.aborted || performance.now() - this.#lookedAt < GLANCE_MS) return this.complete()
    return this.refresh({ probe: false })
  }

  /** Somebody noticed that a daemon came or went. */
  news(): void {
    if (!this.#ending.signal.aborted) this.#changed()
  }

  dispose(): void {
    this.#ending.abort()
    this.#watch?.dispose()
  }

  #changed(): void {
    if (this.#complete) this.#again = true
    else this.#refreshQuietly()
  }

  #refreshQuietly(): void {
    // Nobody asked yet: the first who does will look.
    if (!this.#known) return
    this.#known = { ...this.#known, status: probing(this.#known.status) }
    this.complete().catch((error: unknown) => log.warn('could not look at this computer again', { error }))
  }

  async #look(): Promise<Known> {
    const begun = performance.now()
    this.#lookedAt = begun
    this.#quick = readAll({ ...this.#machine, patience: QUICK_MS }, false).then(facts => {
      const known = { facts, status: statusOf(facts, this.#slow, true, performance.now() - begun) }
      this.#tell(known)
      return known
    })
    const first = await this.#quick
    const [facts, slow] = await Promise.all([this.#patientFacts(first.facts), this.#slowFacts(first.facts)])
    this.#slow = slow
    const known = { facts, status: statusOf(facts, slow, false, first.status.detection_ms) }
    this.#tell(known)
    return known
  }

  /** Who was too slow for the first look is asked again with all the time in the world. */
  async #patientFacts(facts: HostFacts): Promise<HostFacts> {
    const answers = [
      facts.kvm.libvirt.state,
      facts.lxd.answer,
      facts.podman.rootful.answer,
      facts.docker.rootful.answer,
    ]
    const rootless = [facts.podman.rootless?.answer, facts.docker.rootless?.answer]
    return [...answers, ...rootless].includes('silent') ? readAll(this.#machine, true) : { ...facts, final: true }
  }

  async #slowFacts(facts: HostFacts): Promise<SlowFacts> {
    const { virtualbox, podman, docker } = facts
    const [probe, ...versions] = await Promise.all([
      this.#probe(facts),
      virtualbox.version ?? toldVersion(this.#machine, virtualbox.program),
      podman.rootful.version ?? podman.rootless?.version ?? toldVersion(this.#machine, podman.program),
      docker.rootful.version ?? docker.rootless?.version ?? toldVersion(this.#machine, docker.program),
    ])
    return { probe, versions: { virtualbox: versions[0], podman: versions[1], docker: versions[2] } }
  }

  async #probe({ kvm, kernel }: HostFacts): Promise<BootProbe | null> {
    const { device, modules, emulators } = kvm
    const about = createHash('sha256')
      .update(JSON.stringify([kernel, device, modules.names, emulators[0] ?? null]))
      .digest('hex')
    if (about === this.#probedFor) return this.#slow.probe
    this.#probing ??= runBootProbe(this.#machine, kvm, this.#ending.signal).finally(() => (this.#probing = undefined))
    try {
      const probe = await this.#probing
      this.#probedFor = about
      return probe
    } catch (error) {
      log.warn('the boot probe could not be run', { error })
      return null
    }
  }

  #tell(known: Known): void {
    const before = this.#known?.status
    this.#known = known
    if (!this.#ending.signal.aborted && !same(before, known.status)) this.#changes.fire(known.status)
  }
}

const probing = (status: HostStatus): HostStatus => ({
  ...status,
  hypervisors: { ...status.hypervisors, kvm: { ...status.hypervisors.kvm, probing: true } },
})

const same = (a: HostStatus | undefined, b: HostStatus): boolean =>
  a !== undefined && JSON.stringify({ ...a, detection_ms: 0 }) === JSON.stringify({ ...b, detection_ms: 0 })
