/** Asks every vendor whether what the catalogue names is still there. Downloads nothing but lists and signatures. */
import { RemoteError } from '../contract/index.ts'
import { Architecture, CATALOGUE, type CatalogueEntry } from './catalogue.ts'
import { headerOf, shownAddress, statusFailure, type HttpAnswer, type HttpClient } from './http.ts'
import { offers, resolveEntry } from './resolve.ts'

export interface CheckedAddress {
  /** As it is asked for, for instance `debian-12:iso`. */
  readonly name: string
  readonly architecture: Architecture
  /** Where the image is; null where not even that was found. */
  readonly url: string | null
  /** What is wrong, an English sentence; null when all is well. */
  readonly problem: string | null
}

export interface CheckOptions {
  readonly http: HttpClient
  readonly signal: AbortSignal
  readonly entries?: readonly CatalogueEntry[]
  /** Called with each as it is done, in no certain order. */
  readonly done?: (checked: CheckedAddress) => void
  /** How many vendors' addresses are asked at once. */
  readonly atOnce?: number
}

/** No image of a system is smaller, bytes. */
const LEAST_BYTES = 1024 * 1024
const ATTEMPTS = 2

interface Wanted {
  readonly entry: CatalogueEntry
  readonly what: 'image' | 'iso'
  readonly architecture: Architecture
}

/** Of the whole file, whatever part of it was sent. */
const sizeOf = (answer: HttpAnswer): number => {
  const range = /\/(\d+)$/.exec(headerOf(answer, 'content-range') ?? '')?.[1]
  return Number(range ?? headerOf(answer, 'content-length') ?? Number.NaN)
}

const problemOf = (answer: HttpAnswer): string | null => {
  const size = sizeOf(answer)
  const type = headerOf(answer, 'content-type') ?? ''
  if (answer.status !== 200 && answer.status !== 206) return statusFailure(answer).detail.message
  if (/^text\/html/i.test(type)) return `${shownAddress(answer.url)} gives a web page.`
  return size < LEAST_BYTES ? `${shownAddress(answer.url)} has ${size} bytes only.` : null
}

const look = async ({ entry, what, architecture }: Wanted, { http, signal }: CheckOptions) => {
  const { url, signature } = await resolveEntry(entry, what, architecture, http, signal)
  // A checksum protects what comes.
  const answer = await http.get(url, { range: 'bytes=0-0' }, signal, true)
  answer.body.destroy()
  const problem = problemOf(answer)
  if (problem !== null || signature === null) return { url, problem }
  const { bytes } = await http.bytes(signature.address, signal)
  return { url, problem: bytes.length > 0 ? null : `${shownAddress(signature.address)} is empty.` }
}

const passing = (error: RemoteError) => error.detail.kind === 'connection' || error.detail.kind === 'timeout'

const check = async (wanted: Wanted, options: CheckOptions): Promise<CheckedAddress> => {
  const { entry, what, architecture } = wanted
  const place = { name: what === 'iso' ? `${entry.id}:iso` : entry.id, architecture }
  for (let attempt = 1; ; attempt++) {
    options.signal.throwIfAborted()
    try {
      return { ...place, ...(await look(wanted, options)) }
    } catch (error) {
      if (!(error instanceof RemoteError) || options.signal.aborted) throw error
      if (passing(error) && attempt < ATTEMPTS) continue
      return { ...place, url: null, problem: error.detail.message }
    }
  }
}

/** Gives all of them in the catalogue's order. Rejects only when it is aborted. */
export const checkCatalogue = async (options: CheckOptions): Promise<CheckedAddress[]> => {
  const wanted = (options.entries ?? CATALOGUE).flatMap(entry =>
    (['image', 'iso'] as const).flatMap(what =>
      Architecture.options
        .filter(architecture => offers(entry, what, architecture))
        .map(architecture => ({ entry, what, architecture })),
    ),
  )
  const results: CheckedAddress[] = []
  let next = 0
  const work = async () => {
    for (let at = next++; at < wanted.length; at = next++) {
      const one = wanted[at]
      if (!one) return
      const checked = await check(one, options)
      results[at] = checked
      options.done?.(checked)
    }
  }
  await Promise.all(Array.from({ length: options.atOnce ?? 4 }, work))
  return results
}
