/** Files of this computer on their way into a guest, one after the other; goes on where it was. */
import {
  type ByteStream,
  type DomainId,
  RemoteError,
  type UploadStart,
  uploadStartReader,
  type VireoClient,
} from '@vireo/app-main/contract'
import { type Job, type Report, stopped } from './transfer-store.ts'

export interface UploadItem {
  readonly file: File
  /** Where it goes in the guest. */
  readonly path: string
  readonly overwrite: boolean
}

export interface UploadWork {
  readonly client: Pick<VireoClient, 'guest'>
  readonly machine: DomainId
  /** Folders to be there first, each before what is in it. */
  readonly folders: readonly string[]
  readonly items: readonly UploadItem[]
  /** What to say when a file here cannot be read, by its name. */
  readonly unreadable: (name: string) => string
}

/** Read and sent at once, in bytes. */
const SLICE = 256 * 1024

/** The same file in the same state to the same place has the same key, also after the page was loaded again. */
export const resumeKeyOf = async (machine: string, path: string, file: File): Promise<string> => {
  const told = JSON.stringify([machine, path, file.name, file.size, file.lastModified])
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(told))
  return [...new Uint8Array(digest).subarray(0, 16)].map(byte => byte.toString(16).padStart(2, '0')).join('')
}

const isExisting = (error: unknown): boolean => error instanceof RemoteError && error.detail.kind === 'precondition'

/** Bytes of a file from a place on. A file that changed since it was chosen cannot be read any more. */
const sliceOf = async (file: File, at: number, unreadable: UploadWork['unreadable']): Promise<Uint8Array> => {
  try {
    return new Uint8Array(await file.slice(at, at + SLICE).arrayBuffer())
  } catch (cause) {
    throw new RemoteError({ kind: 'precondition', message: unreadable(file.name) }, { cause })
  }
}

class Upload implements Job {
  readonly #work: UploadWork
  /** Folders and files that are there already. */
  #folders = 0
  #files = 0
  #bytes = 0
  /** Bytes that earlier runs had brought. */
  #resumedAt = 0

  constructor(work: UploadWork) {
    this.#work = work
  }

  async run(report: Report, signal: AbortSignal): Promise<void> {
    const { items, folders } = this.#work
    this.#resumedAt = this.#bytes
    report.resumed(this.#resumedAt)
    for (; this.#folders < folders.length; this.#folders++) await this.#makeFolder(folders[this.#folders], signal)
    for (; this.#files < items.length; this.#files++) {
      const item = items[this.#files]
      if (!item) break
      if (items.length > 1) report.step(this.#files + 1, items.length)
      await this.#send(item, report, signal)
      this.#bytes += item.file.size
      report.progress(this.#bytes)
    }
  }

  discard(): void {
    // What the guest keeps of it goes by itself after a while.
  }

  async #makeFolder(path: string | undefined, signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw stopped()
    if (path !== undefined) await this.#work.client.guest.makeDirectory({ id: this.#work.machine, path, parents: true })
  }

  async #send(item: UploadItem, report: Report, signal: AbortSignal): Promise<void> {
    for (let again = true; ; again = false) {
      let offset = 0
      try {
        return await this.#sendOnce(item, report, signal, start => {
          offset = start.offset
          if (offset > 0) report.resumed(this.#bytes + offset)
          // Not its beginning after all.
          else if (!again) report.resumed(this.#resumedAt)
        })
      } catch (error) {
        // What the guest had was not the beginning of this file, and is gone now: once more, from the start.
        if (!again || offset === 0 || signal.aborted || !isExisting(error)) throw error
      }
    }
  }

  async #sendOnce(
    { file, path, overwrite }: UploadItem,
    report: Report,
    signal: AbortSignal,
    begun: (start: UploadStart) => void,
  ): Promise<void> {
    const { client, machine, unreadable } = this.#work
    if (signal.aborted) throw stopped()
    const resumeKey = await resumeKeyOf(machine, path, file)
    const stream = await client.guest.writeFile({ id: machine, path, sizeBytes: file.size, overwrite, resumeKey })
    const stop = () => stream.close()
    signal.addEventListener('abort', stop)
    try {
      if (signal.aborted) throw stopped()
      const read = uploadStartReader(start => (start ? begun(start) : undefined))
      stream.onData((bytes, done) => {
        read(bytes)
        done()
      })
      for (let at = 0; at < file.size; at += SLICE) {
        await writeTo(stream, await sliceOf(file, at, unreadable))
        report.progress(this.#bytes + Math.min(file.size, at + SLICE))
      }
      const error = await stream.closed
      if (signal.aborted) throw stopped()
      if (error) throw new RemoteError(error)
    } finally {
      signal.removeEventListener('abort', stop)
      stream.close()
    }
  }
}

/** A stream that ended says why better than a write that failed. */
const writeTo = async (stream: ByteStream, bytes: Uint8Array): Promise<void> => {
  try {
    await stream.write(bytes)
  } catch {
    throw new RemoteError((await stream.closed) ?? stopped().detail)
  }
}

export const uploadJob = (work: UploadWork): Job => new Upload(work)
