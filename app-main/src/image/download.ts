/** A file from an unreliable, perhaps hostile server into a folder of its own, going on where it was interrupted. */
import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readFile, rm, stat, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import { writeFileAtomic } from '../base/json-file.ts'
import { RemoteError } from '../contract/index.ts'
import type { Algorithm } from './checksums.ts'
import { ensureSpace, isFull, noSpace, SpaceWatch, type FreeBytes } from './disk-space.ts'
import { headerOf, networkFailure, shownAddress, statusFailure, type HttpAnswer, type HttpClient } from './http.ts'

/** No image of ours is larger; a server that sends on without end meets this or the disk's reserve, bytes. */
const MOST_BYTES = 128 * 1024 ** 3
/** Attempts in a row that brought nothing. */
const MOST_VAIN = 4

export interface DownloadOptions {
  readonly http: HttpClient
  readonly url: string
  /** Holds the part and what is known about it; emptied by nobody but the caller. */
  readonly folder: string
  readonly free: FreeBytes
  readonly signal: AbortSignal
  /** Bytes that are here, and all of them where that is known. */
  readonly progress: (done: number, total: number | null) => void
  /** A checksum is known, so that mirrors without encryption will do. */
  readonly plain?: boolean
  /** Milliseconds before the second attempt; doubled for each further one. */
  readonly retryMs?: number
}

export interface Download {
  readonly path: string
  readonly bytes: number
  readonly digests: Readonly<Record<Algorithm, string>>
}

const State = z.object({ url: z.string(), validator: z.string(), total: z.number().int().nonnegative().nullable() })
type State = z.infer<typeof State>

/** A weak tag says that two files mean the same, not that their bytes are. */
const validatorOf = (answer: HttpAnswer): string | undefined => {
  const tag = headerOf(answer, 'etag')
  return tag !== undefined && !tag.startsWith('W/') ? tag : headerOf(answer, 'last-modified')
}

const readState = async (folder: string, url: string): Promise<State | undefined> => {
  const text = await readFile(join(folder, 'state.json'), 'utf8').catch(() => '')
  try {
    const state = State.parse(JSON.parse(text))
    return state.url === url ? state : undefined
  } catch {
    // Absent or damaged: from the beginning, then.
    return undefined
  }
}

class Part {
  readonly path: string
  readonly #folder: string
  #hashes: Record<Algorithm, Hash> = { sha256: createHash('sha256'), sha512: createHash('sha512') }
  size = 0
  state: State | undefined

  constructor(folder: string) {
    this.#folder = folder
    this.path = join(folder, 'part')
  }

  /** Takes up what an earlier attempt left, if it can be told to be of the same file. */
  async load(url: string, signal: AbortSignal): Promise<void> {
    await mkdir(this.#folder, { recursive: true })
    this.state = await readState(this.#folder, url)
    const found = await stat(this.path).catch(() => undefined)
    if (!this.state || !found || found.size === 0) return this.clear()
    for await (const chunk of createReadStream(this.path, { highWaterMark: 1 << 20, signal })) {
      const bytes: unknown = chunk
      if (Buffer.isBuffer(bytes)) this.add(bytes)
    }
  }

  async clear(): Promise<void> {
    this.size = 0
    this.state = undefined
    this.#hashes = { sha256: createHash('sha256'), sha512: createHash('sha512') }
    await rm(this.path, { force: true })
    await rm(join(this.#folder, 'state.json'), { force: true })
  }

  async note(state: State): Promise<void> {
    this.state = state
    await writeFileAtomic(join(this.#folder, 'state.json'), JSON.stringify(state))
  }

  add(bytes: Buffer): void {
    this.size += bytes.length
    for (const hash of Object.values(this.#hashes)) hash.update(bytes)
  }

  digests(): Record<Algorithm, string> {
    return { sha256: this.#hashes.sha256.digest('hex'), sha512: this.#hashes.sha512.digest('hex') }
  }
}

/** Where the answer begins, and how long the whole file is. */
const rangeOf = (answer: HttpAnswer): { start: number; total: number | null } => {
  const length = headerOf(answer, 'content-length')
  if (answer.status === 200) return { start: 0, total: length === undefined ? null : Number(length) }
  const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headerOf(answer, 'content-range') ?? '') ?? []
  return { start: Number(start ?? Number.NaN), total: total === undefined || total === '*' ? null : Number(total) }
}

const tooLong = (url: string) =>
  new RemoteError({ kind: 'precondition', message: `${shownAddress(url)} sends more than an image can be.` })

/** A page that says so, where a file should be: a login of the network, a mirror that apologises. */
const refuseHtml = (answer: HttpAnswer): void => {
  const type = headerOf(answer, 'content-type') ?? ''
  if (!/^(text\/html|application\/xhtml)/i.test(type)) return
  throw new RemoteError({
    kind: 'precondition',
    message: `${shownAddress(answer.url)} is a web page, not an image.`,
    hint: 'Does this network want you to log in first? Else the address is wrong.',
  })
}

/** One attempt. True when the file is complete. */
const attempt = async (part: Part, options: DownloadOptions): Promise<boolean> => {
  const { http, url, folder, free, signal, progress } = options
  const { state } = part
  const resume = part.size > 0 && state !== undefined && state.validator !== ''
  if (!resume && part.size > 0) await part.clear()
  const headers: Record<string, string> = { 'accept-encoding': 'identity' }
  if (resume) Object.assign(headers, { range: `bytes=${part.size}-`, 'if-range': state.validator })
  const answer = await http.get(url, headers, signal, options.plain)
  try {
    // Nothing is left to send: the part is whole, or not of this file.
    if (answer.status === 416 && resume) {
      if (state.total === part.size) return true
      await part.clear()
      return false
    }
    if (answer.status !== 200 && answer.status !== 206) throw statusFailure(answer)
    refuseHtml(answer)
    const { start, total } = rangeOf(answer)
    if (answer.status === 206 && (!resume || start !== part.size)) {
      await part.clear()
      return false
    }
    if (answer.status === 200) await part.clear()
    if (total !== null && (!Number.isSafeInteger(total) || total < 0 || total > MOST_BYTES)) throw tooLong(url)
    await ensureSpace(free, folder, Math.max(0, (total ?? 0) - part.size))
    await part.note({ url, validator: validatorOf(answer) ?? '', total })
    await receive(part, answer, options, total, progress)
    return total === null || part.size === total
  } finally {
    answer.body.destroy()
  }
}

const receive = async (
  part: Part,
  answer: HttpAnswer,
  { folder, free, url }: DownloadOptions,
  total: number | null,
  progress: DownloadOptions['progress'],
): Promise<void> => {
  const space = new SpaceWatch(free, folder)
  const file = await open(part.path, 'a', 0o600)
  try {
    progress(part.size, total)
    for await (const bytes of answer.body) {
      if (part.size + bytes.length > (total ?? MOST_BYTES)) throw tooLong(url)
      await writeAll(file, bytes)
      part.add(bytes)
      progress(part.size, total)
      await space.wrote(bytes.length)
    }
    await file.sync()
  } finally {
    await file.close()
  }
}

const writeAll = async (file: FileHandle, bytes: Buffer): Promise<void> => {
  for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at)).bytesWritten
}

/** Failures that another attempt may mend: the network's, not a server's plain no and not our own. */
const mayPass = (error: RemoteError): boolean => error.detail.kind === 'timeout' || error.detail.kind === 'connection'

/**
 * Downloads `url` to `folder/part`. An interrupted one goes on as long as attempts bring something; what was received
 * stays for the next call. Throws `cancelled`, `connection`, `timeout`, `not-found`, `permission`, and
 * `precondition` where there is no room or the server sends nonsense.
 */
export const download = async (options: DownloadOptions): Promise<Download> => {
  const { url, folder, signal, retryMs = 1000 } = options
  const part = new Part(folder)
  let vain = 0
  try {
    await part.load(url, signal)
  } catch (error) {
    throw networkFailure(url, error, signal)
  }
  for (;;) {
    const before = part.size
    let failure: RemoteError | undefined
    try {
      if (await attempt(part, options)) return { path: part.path, bytes: part.size, digests: part.digests() }
    } catch (thrown) {
      if (isFull(thrown)) throw noSpace(folder, null, thrown)
      failure = networkFailure(url, thrown, signal)
      if (signal.aborted || !mayPass(failure)) throw failure
    }
    vain = part.size > before ? 1 : vain + 1
    if (vain > MOST_VAIN) throw failure ?? endsEarly(url)
    await wait(Math.min(30_000, retryMs * 2 ** (vain - 1)), undefined, { signal }).catch((aborted: unknown) => {
      throw networkFailure(url, aborted, signal)
    })
  }
}

const endsEarly = (url: string) =>
  new RemoteError({
    kind: 'connection',
    trouble: 'lost',
    message: `${shownAddress(url)} ends before the whole file is here, again and again.`,
    hint: 'Take another mirror, or try again later: what is here already is kept.',
  })
