/** How the objects of a daemon are named in calls: what the protocol sends of each. */

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
