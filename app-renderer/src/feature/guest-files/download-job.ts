/** A guest's file or folder on its way to this computer; goes on where it was while the guest's file is the same. */
import {
  type ByteStream,
  type DomainId,
  type GuestEntry,
  RemoteError,
  type VireoClient,
} from '@vireo/app-main/contract'
import { joinPath } from './guest-path.ts'
import { freeName, localName } from './safe-name.ts'
import type { SaveFile, SaveFolder, Sink } from './save-target.ts'
import { type Job, type Report, stopped } from './transfer-store.ts'

type State = Pick<GuestEntry, 'sizeBytes' | 'modifiedAt'>

/** Whether a file is as it was: what nobody can tell counts as changed. */
export const isSame = (before: State | null, now: State | null): boolean =>
  before !== null &&
  now !== null &&
  before.modifiedAt !== null &&
  before.modifiedAt === now.modifiedAt &&
  before.sizeBytes === now.sizeBytes

/** A log may grow while it is read; a disk is not to be filled by a file that never ends. */
export const mostBytes = (size: number): number => Math.max(2 * size, size + 64 * 1024 * 1024)

interface Place {
  readonly client: Pick<VireoClient, 'guest'>
  readonly machine: DomainId
  /** In the guest. */
  readonly path: string
}

export interface FileWork extends Place {
  readonly target: SaveFile
}

/** What the guest tells of a file; null where its agent cannot tell. */
const stateOf = async ({ client, machine, path }: Place): Promise<State | null> => {
  try {
    const entry = await client.guest.stat({ id: machine, path })
    // What is told of a link is not what it leads to.
    return entry.type === 'file' ? entry : null
  } catch (error) {
    if (error instanceof RemoteError && error.detail.kind === 'unsupported') return null
    throw error
  }
}

const endless = (): RemoteError =>
  new RemoteError({ kind: 'refused', message: 'The file is far longer than the guest told.' })

/** Writes what comes from a place on, in order; resolves with the place after it when the stream ended cleanly. */
const drain = (stream: ByteStream, sink: Sink, from: number, most: number, moved: (at: number) => void) => {
  let at = from
  let broken: unknown
  let writing = Promise.resolve()
  stream.onData((bytes, done) => {
    writing = (async () => {
      if (at + bytes.length > most) throw endless()
      await sink.write(at, bytes)
      at += bytes.length
      moved(at)
      done()
    })().catch((error: unknown) => {
      broken ??= error
      stream.close()
    })
  })
  return stream.closed.then(async error => {
    await writing
    if (broken !== undefined) throw broken
    if (error) throw new RemoteError(error)
    return at
  })
}

class Download implements Job {
  readonly #work: FileWork
  #sink: Sink | null = null
  #before: State | null = null
  #at = 0
  #ended = false

  constructor(work: FileWork) {
    this.#work = work
  }

  async run(report: Report, signal: AbortSignal): Promise<void> {
    const { client, machine, path } = this.#work
    const now = await stateOf(this.#work)
    if (signal.aborted) throw stopped()
    const sink = (this.#sink ??= await this.#open())
    if (this.#at > 0 && !isSame(this.#before, now)) {
      await sink.truncate(0)
      this.#at = 0
    }
    this.#before = now
    // A file of the system may call its size 0 and have content.
    const size = now === null || now.sizeBytes === 0 ? null : now.sizeBytes
    if (size !== null) report.size(size)
    report.resumed(this.#at)
    const stream = await client.guest.readFile({ id: machine, path, offset: this.#at })
    const stop = () => stream.close()
    signal.addEventListener('abort', stop)
    try {
      if (signal.aborted) throw stopped()
      const most = size === null ? Number.MAX_SAFE_INTEGER : mostBytes(size)
      await drain(stream, sink, this.#at, most, at => {
        this.#at = at
        report.progress(at)
      })
      if (signal.aborted) throw stopped()
      await sink.close()
      this.#ended = true
      report.size(this.#at)
      report.progress(this.#at)
    } finally {
      signal.removeEventListener('abort', stop)
      stream.close()
    }
  }

  discard(): void {
    if (this.#ended) return
    void this.#letGo()
      .then(() => this.#work.target.discard())
      .catch(() => undefined)
  }

  /** What could not be written once takes no more: the next run writes from the beginning. */
  async #open(): Promise<Sink> {
    const sink = await this.#work.target.open()
    const tried = async (doing: Promise<void>): Promise<void> => {
      try {
        await doing
      } catch (error) {
        await this.#letGo()
        throw error
      }
    }
    return {
      write: (at, bytes) => tried(sink.write(at, bytes)),
      truncate: size => tried(sink.truncate(size)),
      close: () => tried(sink.close()),
      abort: () => sink.abort(),
    }
  }

  async #letGo(): Promise<void> {
    const sink = this.#sink
    this.#sink = null
    this.#at = 0
    await sink?.abort().catch(() => undefined)
  }
}

export const downloadJob = (work: FileWork): Job => new Download(work)

export interface FolderWork {
  readonly client: Pick<VireoClient, 'guest'>
  readonly machine: DomainId
  /** The guest's folder, and what is wanted of it. */
  readonly folder: string
  readonly entries: readonly GuestEntry[]
  readonly target: SaveFolder
}

/** Deeper is no tree that a person made. */
const DEEPEST = 100
const MOST_ENTRIES = 100_000

interface Waiting {
  readonly folder: string
  readonly entry: GuestEntry
  readonly target: SaveFolder
  readonly depth: number
}

/** Files and whole folders into a chosen one. Links and devices are left out; every name is made harmless and new. */
class FolderDownload implements Job {
  readonly #work: FolderWork
  /** The next one last. */
  readonly #waiting: Waiting[] = []
  /** Names that were given in each folder: file systems may fold letters. */
  readonly #given = new Map<SaveFolder, Set<string>>()
  #current: Job | null = null
  #met = 0
  #files = 0
  #done = 0
  #leftOut = 0
  #bytes = 0

  constructor(work: FolderWork) {
    this.#work = work
    this.#check(work.entries, 0)
    this.#meet(work.entries, work.folder, work.target, 0)
  }

  async run(report: Report, signal: AbortSignal): Promise<void> {
    for (let next = this.#waiting.at(-1); next; next = this.#waiting.at(-1)) {
      if (signal.aborted) throw stopped()
      if (next.entry.type === 'directory') await this.#open(next)
      else {
        if (next.entry.type === 'file') await this.#fetch(next, report, signal)
        else report.leftOut(++this.#leftOut)
        this.#waiting.pop()
      }
    }
  }

  discard(): void {
    this.#current?.discard()
  }

  /** Before anything of it is taken for done: what is refused is refused again when it is tried again. */
  #check(entries: readonly GuestEntry[], depth: number): void {
    if (depth > DEEPEST || this.#met + entries.length > MOST_ENTRIES)
      throw new RemoteError({ kind: 'precondition', message: 'The folder holds too much, or is nested too deeply.' })
  }

  #meet(entries: readonly GuestEntry[], folder: string, target: SaveFolder, depth: number): void {
    this.#met += entries.length
    for (const entry of entries.toReversed()) {
      this.#waiting.push({ folder, entry, target, depth })
      if (entry.type === 'file') this.#files++
    }
  }

  async #open({ folder, entry, target, depth }: Waiting): Promise<void> {
    const path = joinPath(folder, entry.name)
    const entries = await this.#work.client.guest.list({ id: this.#work.machine, path })
    this.#check(entries, depth + 1)
    const inner = await target.folder(await this.#nameIn(target, entry.name))
    this.#waiting.pop()
    this.#meet(entries, path, inner, depth + 1)
  }

  async #fetch({ folder, entry, target }: Waiting, report: Report, signal: AbortSignal): Promise<void> {
    const { client, machine } = this.#work
    report.step(this.#done + 1, this.#files)
    let moved = 0
    const own: Report = {
      step: () => undefined,
      leftOut: () => undefined,
      size: () => undefined,
      resumed: () => undefined,
      progress: bytes => report.progress(this.#bytes + (moved = bytes)),
    }
    this.#current ??= downloadJob({
      ...{ client, machine, path: joinPath(folder, entry.name) },
      target: await target.file(await this.#nameIn(target, entry.name)),
    })
    await this.#current.run(own, signal)
    this.#current = null
    this.#done++
    this.#bytes += moved
  }

  async #nameIn(target: SaveFolder, name: string): Promise<string> {
    const given = this.#given.get(target) ?? new Set<string>()
    this.#given.set(target, given)
    const local = localName(name)
    for (;;) {
      const free = freeName(local, one => given.has(one.toLowerCase()))
      given.add(free.toLowerCase())
      if (!(await target.has(free))) return free
    }
  }
}

export const folderDownloadJob = (work: FolderWork): Job => new FolderDownload(work)
