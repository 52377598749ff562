/** What is looked up before anything is decided about a new machine. */
import { dirname } from 'node:path'
import { RemoteError, type BootProbe, type CreateDraft } from '../../contract/index.ts'
import type { Creation, CreationHost, PoolFacts } from '../../hypervisor/creation.ts'
import type { Operation } from '../../hypervisor/driver.ts'
import { folderPlace } from './folder-place.ts'
import { obstacleTo, type Obstacle } from './reach.ts'
import { copyName, machinesCanRead, machinesCanWalk, pendingCopy, takesDirectWrites } from './placement.ts'
import type { ResolveSource, Source } from './source.ts'

export interface Surroundings {
  readonly host: CreationHost
  readonly pool: PoolFacts
  readonly source: Source
  /** Machines cannot read the source where it lies: it is copied into the pool under this name. */
  readonly copy: { readonly name: string; readonly bytes: number } | null
  /** Who cannot read it, and what would let them; absent where nobody could tell. */
  readonly obstacle?: Obstacle
  /** Writes may pass the page cache where the disks will lie, and where their base lies. */
  readonly direct: boolean
  /** KVM is there and a guest runs under it clearly faster than without. */
  readonly kvmWorks: boolean
  /** The Vireo agent's program is there. */
  readonly agentThere: boolean
}

export interface Lookup {
  readonly creation: Creation
  readonly resolve: ResolveSource
  /** Of this computer, by experiment; null where nobody could try. */
  readonly probeKvm: () => Promise<BootProbe['verdict'] | null>
  readonly agentThere: () => Promise<boolean>
  /** False: nothing is made, downloaded or started, not even the usual pool. */
  readonly change: boolean
}

const namedPool = async ({ creation, change }: Lookup, wanted: string): Promise<PoolFacts> => {
  const pools = await creation.pools()
  const found = pools.find(({ name }) => name === wanted)
  if (!found) {
    const names = pools.map(({ name }) => name).join(', ')
    const hint = names === '' ? 'There is none yet; leave it out and the usual one is made.' : `There are: ${names}.`
    throw new RemoteError({ kind: 'not-found', message: `There is no storage pool “${wanted}”.`, hint })
  }
  if (!change || found.active) return found
  await creation.startPool(wanted)
  return (await creation.pools()).find(({ name }) => name === wanted) ?? found
}

const poolOfFolder = async (lookup: Lookup, folder: string, host: CreationHost) => {
  const pool = await folderPlace(lookup.creation, folder, host)
  // One that is made for it is made, or started, as a step that can be undone.
  if (lookup.change && !pool.active && !pool.forFolder) await lookup.creation.startPool(pool.name)
  return pool
}

const poolFor = async (lookup: Lookup, wanted: string | undefined): Promise<PoolFacts> => {
  const pool = await (wanted === undefined ? lookup.creation.usualPool(lookup.change) : namedPool(lookup, wanted))
  if (pool.folder) return pool
  const message = `The storage pool “${pool.name}” holds no files, and new machines want one that does.`
  throw new RemoteError({ kind: 'unsupported', message, hint: 'Choose a pool that is a folder.' })
}

/** Whether machines may use KVM: what was tried here counts, and where Vireo’s own user may not try, libvirt’s word. */
export const kvmUsable = async (host: CreationHost, probe: Lookup['probeKvm']): Promise<boolean> => {
  if (!host.kvm || !host.local) return host.kvm
  const verdict = await probe()
  return verdict === null || verdict === 'works' || (verdict === 'not-possible' && host.foreignUser)
}

/** Reads everything that decisions depend on. */
export const lookAround = async (draft: CreateDraft, lookup: Lookup, operation: Operation): Promise<Surroundings> => {
  if (draft.folder !== undefined && draft.pool !== undefined)
    throw new RemoteError({
      kind: 'invalid-input',
      message: 'Disks lie in a storage pool or in a folder, not in both.',
    })
  operation.progress('Looking at the host')
  const host = await lookup.creation.host()
  const source = await lookup.resolve(draft.source, operation, lookup.change)
  operation.signal.throwIfAborted()
  operation.progress('Looking at the host')
  const [pool, readable, agentThere] = await Promise.all([
    draft.folder === undefined ? poolFor(lookup, draft.pool) : poolOfFolder(lookup, draft.folder, host),
    source.pending === undefined ? machinesCanRead(source.path, host) : machinesCanWalk(dirname(source.path), host),
    lookup.agentThere(),
  ])
  const kvmWorks = draft.accelerator === 'auto' ? await kvmUsable(host, lookup.probeKvm) : host.kvm
  const direct = async (path: string) => path !== '' && takesDirectWrites(path, host)
  const [here, base] = await Promise.all([direct(pool.path), readable ? direct(dirname(source.path)) : true])
  const extension = source.kind === 'iso' ? '.iso' : `.${source.format}`
  const copyOf = () => (source.pending === undefined ? copyName(source.path, extension) : pendingCopy(extension))
  const copy = readable ? null : await copyOf()
  const judged = copy && host.local && host.foreignUser && source.pending === undefined
  const obstacle = judged ? await obstacleTo(source.path, host).catch(() => null) : null
  return {
    ...{ host, pool, source, copy, ...(obstacle ? { obstacle } : {}) },
    direct: here && base,
    kvmWorks,
    agentThere,
  }
}
