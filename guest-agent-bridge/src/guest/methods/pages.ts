/** Cuts long lists into answers that fit into a message. */
import type { Config } from '../config.ts'

/** What an answer needs beside its list. */
const ENVELOPE_BYTES = 2048

export interface Page<T> {
  readonly items: T[]
  /** Whether more come after these. */
  readonly more: boolean
}

const bytesOf = (value: unknown): number => {
  const json = JSON.stringify(value)
  // Anything beyond ASCII takes two to four bytes for at most two units.
  return 1 + (/^[ -~]*$/.test(json) ? json.length : 3 * json.length)
}

/** At most `limit` items from `at`, and no more than the message has room for, but one at least. */
export const pageOf = <S, T>(
  sources: readonly S[],
  at: number,
  limit: number,
  config: Pick<Config, 'maxMessageBytes'>,
  make: (source: S) => T | null,
): Page<T> => {
  const items: T[] = []
  let room = config.maxMessageBytes - ENVELOPE_BYTES
  for (let index = at; index < sources.length; index++) {
    const source = sources[index]
    const item = source === undefined ? null : make(source)
    if (item === null) continue
    room -= bytesOf(item)
    if (items.length > 0 && (items.length === limit || room < 0)) return { items, more: true }
    items.push(item)
  }
  return { items, more: false }
}

/** Where the names after this one begin in a sorted list. */
export const indexAfter = (names: readonly string[], after: string | undefined): number => {
  if (after === undefined) return 0
  const index = names.findIndex(name => name > after)
  return index < 0 ? names.length : index
}

/** As much as one message carries: base64 makes four bytes of three. */
export const chunkBytes = (config: Pick<Config, 'maxMessageBytes' | 'maxChunkBytes'>): number =>
  Math.max(1, Math.min(config.maxChunkBytes, Math.floor(((config.maxMessageBytes - ENVELOPE_BYTES) * 3) / 4)))
