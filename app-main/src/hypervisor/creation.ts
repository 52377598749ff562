/** Making machines: what a driver that can do it offers. All failures are `RemoteError`s. */
import type { NetworkSubnet } from '../contract/index.ts'
import type { Operation } from './driver.ts'

export type Firmware = 'bios' | 'uefi' | 'secure-boot'
export type DiskBus = 'virtio' | 'scsi' | 'sata'

export interface NicSpec {
  readonly type: 'network' | 'bridge' | 'macvtap' | 'user'
  /** Name of the network, bridge or device; null for `user`. */
  readonly source: string | null
  readonly mac: string
  readonly forwards: readonly { readonly host: number; readonly guest: number; readonly protocol: 'tcp' | 'udp' }[]
}

export interface DiskSpec {
  readonly path: string
  readonly format: 'qcow2' | 'raw'
  readonly bus: DiskBus
  readonly discard: boolean
  /** Writes go past the host's page cache: quicker and crash-safe, where the file system can. */
  readonly direct: boolean
  /** The image it is built on, which is only read. */
  readonly base: { readonly path: string; readonly format: 'qcow2' | 'raw' } | null
}

/** A machine, everything decided. Sizes in bytes. */
export interface MachineSpec {
  readonly name: string
  readonly uuid: string
  readonly notes: string
  readonly tags: readonly string[]
  /** libosinfo's, for instance `http://debian.org/debian/12`. */
  readonly osId: string | null
  readonly cpus: number
  readonly memoryBytes: number
  readonly accelerated: boolean
  readonly firmware: Firmware
  readonly tpm: boolean
  /** A desktop gets what shares its clipboard, where that does not cost save and migration. */
  readonly desktop: boolean
  /** The first is the system's. */
  readonly disks: readonly DiskSpec[]
  /** The seed of cloud-init. */
  readonly seed: string | null
  /** An installation medium, started when the system's disk has nothing to start. */
  readonly iso: string | null
  readonly nics: readonly NicSpec[]
  /** It starts an installer from these files of the host, and is off when the guest is done; absent: it starts by itself. */
  readonly install?: { readonly kernel: string; readonly ramdisk: string; readonly commandLine: string }
  readonly screenPassword: string
}

/** An address that a network does not give to a new machine. */
export interface TakenAddress {
  readonly ip: string
  /** Lower case; null where it is kept for a card known by something else. */
  readonly mac: string | null
  /** The machine that has it now; null: it is kept for a card, whether a machine has that card or not. */
  readonly machine: string | null
}

/** A network that machines can be plugged into. */
export interface CreationNetwork {
  readonly name: string
  readonly active: boolean
  /** Where its machines have their addresses; absent or empty where libvirt gives out none. */
  readonly subnets?: readonly NetworkSubnet[]
  readonly taken?: readonly TakenAddress[]
  /** It leads out of this computer; absent: nobody knows. */
  readonly leadsOut?: boolean
}

/** What machines can have on a host. */
export interface CreationHost {
  /** This computer, so that its files can be looked at; null: another. */
  readonly local: boolean
  /** Machines are run as another user than who asks. */
  readonly foreignUser: boolean
  /** That user's numbers; null or absent where they are not told. */
  readonly machineUser?: { readonly uid: number; readonly gid: number } | null
  readonly arch: string
  readonly machine: string
  readonly emulator: string | null
  /** libvirt offers KVM; whether it works is for a boot probe to say. */
  readonly kvm: boolean
  readonly maximumCpu: boolean
  readonly hostPassthrough: boolean
  readonly cpus: number
  readonly memoryBytes: number
  /** What programs can have of it now; null or absent where that is not told. */
  readonly availableMemoryBytes?: number | null
  readonly maxCpus: number
  readonly uefi: boolean
  readonly secureBoot: boolean
  readonly tpm: boolean
  readonly virtioVideo: boolean
  /** The clipboard channel does not keep a machine from being saved. */
  readonly vdagent: boolean
  /** User networking can forward ports. */
  readonly passt: boolean
  readonly backingStoreInput: boolean
  readonly networks: readonly CreationNetwork[]
}

export interface PoolFacts {
  readonly name: string
  readonly path: string
  readonly availableBytes: number
  /** Its volumes are files of this host in a folder. */
  readonly folder: boolean
  readonly active: boolean
  /** Made for a folder that somebody named: it is there, or it will be made. */
  readonly forFolder?: 'there' | 'new'
}

export interface NewVolume {
  readonly pool: string
  readonly name: string
  readonly format: 'qcow2' | 'raw'
  readonly capacityBytes: number
  readonly base?: { readonly path: string; readonly format: 'qcow2' | 'raw' } | null
  /** Everybody may read it: for what machines share. */
  readonly shared?: boolean
}

export interface VolumeFacts {
  readonly path: string
  /** What the file holds, holes included. */
  readonly physicalBytes: number
}

export interface FoundVolume {
  readonly pool: string
  readonly name: string
  readonly path: string
  /** What the file takes. */
  readonly bytes: number
  /** When it was last written or read, epoch milliseconds; 0 where nobody can tell. */
  readonly touchedAt: number
}

export interface FilesInUse {
  /** Each with a machine, or a volume, that needs it. */
  readonly users: ReadonlyMap<string, string>
  /** A pool that could not be read: it may hold volumes that need anything. */
  readonly unread: string | null
}

export interface Creation {
  host(): Promise<CreationHost>
  /** Pools that can hold disks, running or not. */
  pools(): Promise<PoolFacts[]>
  /** The pool that is used when none is named; with `make` it is there and runs afterwards. */
  usualPool(make: boolean): Promise<PoolFacts>
  startPool(name: string): Promise<void>
  /** A pool that is this folder; one of this name that is there is fine. Rejects with `precondition` when another has the folder. */
  makeFolderPool(name: string, path: string): Promise<void>
  /** Forgets such a pool, never what lies in it. Leaves it where a machine uses a file of it; one that is gone is fine. */
  removeFolderPool(name: string, path: string): Promise<void>
  volume(pool: string, name: string): Promise<VolumeFacts | undefined>
  /** Gives the path. Rejects with `precondition` when there is one of this name. */
  createVolume(volume: NewVolume): Promise<string>
  /** Writes into a volume. `bytes` come from its beginning on. */
  upload(pool: string, name: string, bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void>
  /** One that is gone is fine. */
  removeVolume(pool: string, name: string): Promise<void>
  /** Leaves it where a machine or another volume needs it. False: it was left. */
  removeUnused(pool: string, name: string): Promise<boolean>
  /** Volumes of pools that run, by the beginning of their names. */
  volumesNamed(prefix: string): Promise<FoundVolume[]>
  /** Files that machines use, and what their disks are built on. */
  filesInUse(): Promise<FilesInUse>
  /** The definition; throws `unsupported` for what the host cannot give. */
  xml(spec: MachineSpec, host: CreationHost): string
  /** Whether the daemon knows a machine. */
  isDefined(uuid: string): Promise<boolean>
  /**
   * Runs a machine that is defined once by another definition, and waits until its guest has switched it off. Rejects with
   * `precondition` when it ended otherwise. Cancelling leaves it running.
   */
  install(uuid: string, xml: string, operation: Operation): Promise<void>
  /** Forces it off and forgets it, its firmware variables included. One that is gone is fine. */
  discard(uuid: string, operation: Operation): Promise<void>
}
