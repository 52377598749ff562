/** How the objects of a daemon are named in calls: what the protocol sends of each. */
import type { RemoteNonnullDomain, RemoteNonnullNetwork, RemoteNonnullStoragePool } from './generated/remote-types.ts'
import { uuidBytes, uuidText } from './uuid.ts'

export interface DomainRef {
  readonly name: string
  readonly uuid: string
  /** Number of the running instance, -1 when it is not running. It was true when the reference was made. */
  readonly id: number
}

export interface NetworkRef {
  readonly name: string
  readonly uuid: string
}

export interface StoragePoolRef {
  readonly name: string
  readonly uuid: string
}

export interface StorageVolumeRef {
  readonly pool: string
  readonly name: string
  /** Unique on the host; a path for most pools. */
  readonly key: string
}

export const domainRef = (wire: RemoteNonnullDomain): DomainRef => ({
  name: wire.name,
  uuid: uuidText(wire.uuid),
  id: wire.id,
})

export const domainWire = (ref: DomainRef): RemoteNonnullDomain => ({
  name: ref.name,
  uuid: uuidBytes(ref.uuid),
  id: ref.id,
})

/** Networks and storage pools look the same on the wire. */
export const namedRef = (wire: RemoteNonnullNetwork | RemoteNonnullStoragePool): NetworkRef & StoragePoolRef => ({
  name: wire.name,
  uuid: uuidText(wire.uuid),
})

export const namedWire = (ref: NetworkRef | StoragePoolRef): RemoteNonnullNetwork & RemoteNonnullStoragePool => ({
  name: ref.name,
  uuid: uuidBytes(ref.uuid),
})
