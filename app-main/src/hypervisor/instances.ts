/** Machines that are made from images, as LXD and Incus make theirs. */
import type {
  InstanceLog,
  InstanceSnapshot,
  Launch,
  LxdImage,
  LxdNetwork,
  LxdPool,
  LxdProfile,
  LxdVolume,
} from '../contract/index.ts'
import type { Listen } from '../base/emitter.ts'
import type { DomainKey, Operation } from './driver.ts'

/** Every operation resolves when the inventory shows its result. All failures are `RemoteError`s. */
export interface Instances {
  /** Gives the new machine's key. What a cancelled launch made is taken away again. */
  launch(wish: Omit<Launch, 'connection'>, operation: Operation): Promise<DomainKey>
  images(signal: AbortSignal): Promise<LxdImage[]>
  profiles(signal: AbortSignal): Promise<LxdProfile[]>
  pools(signal: AbortSignal): Promise<LxdPool[]>
  volumes(signal: AbortSignal): Promise<LxdVolume[]>
  networks(signal: AbortSignal): Promise<LxdNetwork[]>
  snapshots(key: DomainKey, signal: AbortSignal): Promise<InstanceSnapshot[]>
  /** The end of a log file; of the most telling one where `file` is null. */
  log(key: DomainKey, file: string | null, signal: AbortSignal): Promise<InstanceLog>
  /** Fires when snapshots of this machine came or went, whoever did it. */
  readonly onSnapshots: Listen<DomainKey>
  takeSnapshot(key: DomainKey, snapshot: string, operation: Operation): Promise<void>
  restoreSnapshot(key: DomainKey, snapshot: string, operation: Operation): Promise<void>
  deleteSnapshot(key: DomainKey, snapshot: string, operation: Operation): Promise<void>
  rename(key: DomainKey, newName: string, operation: Operation): Promise<void>
  copy(key: DomainKey, newName: string, operation: Operation): Promise<void>
}
