/** The guest's disks, with what it read and wrote where its qemu-ga is new enough to count. */
import { RemoteError, type GuestDisk } from '@vireo/app-main/contract'
import type * as v from 'valibot'
import type { Asking } from '../guest-agent.ts'
import { plainText } from '../plain-text.ts'
import { optional } from './facts.ts'
import * as schema from './schema.ts'
import type { Talk } from './talk.ts'

const SECTOR_BYTES = 512

type Stats = v.InferOutput<typeof schema.diskStats>[number]['stats']

/** What no number holds exactly is no count. */
const bytesOf = (sectors: number | undefined): number | null => {
  const bytes = (sectors ?? NaN) * SECTOR_BYTES
  return Number.isSafeInteger(bytes) ? bytes : null
}

const noCounters = (error: unknown): null => {
  const untold = ['unsupported', 'refused', 'not-found', 'permission']
  if (error instanceof RemoteError && untold.includes(error.detail.kind)) return null
  throw error
}

export const disks = async (talk: Talk, asking: Asking): Promise<GuestDisk[]> => {
  const told = await talk.ask('guest-get-disks', schema.disks, asking)
  const counted = await talk.ask('guest-get-diskstats', schema.diskStats, asking).catch(noCounters)
  const counters = new Map<string, Stats>((counted ?? []).map(({ name, stats }) => [`/dev/${name}`, stats]))
  return told.map(({ name, partition, address }) => {
    const stats = counters.get(name)
    return {
      name: plainText(name, 256),
      partition,
      serial: optional(address?.serial),
      readBytes: bytesOf(stats?.['read-sectors']),
      writtenBytes: bytesOf(stats?.['write-sectors']),
      reads: stats?.['read-ios'] ?? null,
      writes: stats?.['write-ios'] ?? null,
    }
  })
}
