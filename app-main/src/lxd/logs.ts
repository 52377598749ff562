/** What the daemon logged of an instance. */
import { z } from 'zod'
import { withDeadline } from '../base/deadline.ts'
import type { LxdClient } from './client.ts'

/** What is shown of a log: its end, in bytes. */
const TAIL_BYTES = 256 * 1024
/** A log is a file of this computer: whoever takes longer is stuck, in milliseconds. */
const DEADLINE_MS = 30_000
/** Those that tell most come first. */
const TELLING = ['qemu.log', 'lxc.log', 'console.log']
const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/

const rank = (name: string): number => (TELLING.includes(name) ? TELLING.indexOf(name) : TELLING.length)

/** Names of the log files of an instance, the most telling first. */
export const logFiles = async (client: LxdClient, instance: string, signal: AbortSignal): Promise<string[]> => {
  const all = await client.get(client.path(['instances', instance, 'logs']), z.array(z.string()).nullable(), { signal })
  const names = (all ?? []).map(address => address.slice(address.lastIndexOf('/') + 1)).filter(name => NAME.test(name))
  return names.toSorted((a, b) => rank(a) - rank(b) || a.localeCompare(b))
}

export interface LogTail {
  readonly text: string
  /** What stood before was left out. */
  readonly cut: boolean
}

/** The end of one log file. Rejects with `not-found`. */
export const readLog = (client: LxdClient, instance: string, file: string, stop: AbortSignal): Promise<LogTail> =>
  withDeadline({ ms: DEADLINE_MS, what: `Reading ${file}`, signal: stop }, async signal => {
    const path = client.path(['instances', instance, 'logs', file])
    let tail = Buffer.alloc(0)
    let cut = false
    for await (const chunk of await client.stream({ method: 'GET', path, signal })) {
      tail = Buffer.concat([tail, chunk as Buffer])
      if (tail.length <= TAIL_BYTES) continue
      cut = true
      tail = tail.subarray(-TAIL_BYTES)
    }
    const text = tail.toString()
    // Of the first line only a part is left.
    return { text: cut ? text.slice(text.indexOf('\n') + 1) : text, cut }
  })
