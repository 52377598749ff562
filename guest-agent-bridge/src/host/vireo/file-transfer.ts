/** Files and directories of a guest through its Vireo agent. */
import { createHash } from 'node:crypto'
import { basename } from 'node:path/posix'
import { RemoteError, type GuestEntry } from '@vireo/app-main/contract'
import {
  directoryList,
  fileRead,
  fileStat,
  fileWriteAbort,
  fileWriteBegin,
  fileWriteCommit,
  type ResultOf,
} from '../../protocol/vireo/index.ts'
import type { Asking, FileChunk, WriteFile } from '../guest-agent.ts'
import { isFileName } from '../plain-text.ts'
import { AgentRefusal, badAnswer } from '../rpc-failure.ts'
import type { VireoConversation } from './conversation.ts'
import { entryOf } from './facts.ts'
import { allPages } from './pages.ts'
import { reasonOf, UploadWindow } from './upload-window.ts'

/** A line with so many bytes in it stays under the 64 KiB that are passed on in one piece where several use the channel. */
export const PIECE_BYTES = 45 * 1024
/** Most bytes that one answer may bring: with base64 they fit a line. */
const READ_BYTES = 720 * 1024
const CHUNK_MS = 30_000
/** A commit flushes the whole file to the guest's disk. */
const COMMIT_MS = 300_000
const NEVER = new AbortController().signal

export class FileTransfer {
  readonly #talk: VireoConversation
  readonly #readBytes: number
  readonly #writeBytes: number

  /** `maxChunkBytes` as the agent told. */
  constructor(talk: VireoConversation, maxChunkBytes: number) {
    this.#talk = talk
    this.#readBytes = Math.max(1, Math.min(maxChunkBytes, READ_BYTES))
    this.#writeBytes = Math.max(1, Math.min(maxChunkBytes, PIECE_BYTES))
  }

  async read(path: string, offset: number, length: number, { signal }: Asking): Promise<FileChunk> {
    const asked = Math.min(length, this.#readBytes)
    const piece = await this.#talk.call(fileRead, { path, offset, length: asked }, { signal, deadlineMs: CHUNK_MS })
    const bytes = Buffer.from(piece.data, 'base64')
    if (bytes.length !== piece.bytes || bytes.length > asked)
      throw badAnswer(fileRead.name, `it holds ${bytes.length} bytes instead of ${piece.bytes}`)
    if (bytes.length === 0 && !piece.eof) throw badAnswer(fileRead.name, 'it is empty and not the end')
    return { bytes, eof: piece.eof }
  }

  async list(path: string, { signal }: Asking): Promise<GuestEntry[]> {
    const entries = await allPages<GuestEntry, string>(directoryList.name, async after => {
      const page = await this.#talk.call(directoryList, after === undefined ? { path } : { path, after }, { signal })
      return { items: page.entries.map(entryOf), next: page.next }
    })
    return entries.filter(entry => isFileName(entry.name))
  }

  async stat(path: string, { signal }: Asking): Promise<GuestEntry> {
    const { entry } = await this.#talk.call(fileStat, { path }, { signal })
    return { ...entryOf(entry), name: isFileName(entry.name) ? entry.name : basename(path) }
  }

  async write(file: WriteFile, { signal }: Asking): Promise<number> {
    const upload = await this.#begin(file, signal)
    // An agent that knows no keys names it as it likes.
    file.onBegin?.(file.key === undefined || file.key === upload.upload ? upload.upload : null, upload.offset)
    try {
      const { hash, size } = await this.#send(file, upload, signal)
      const params = { upload: upload.upload, sha256: hash }
      const done = await this.#talk.call(fileWriteCommit, params, { signal, deadlineMs: COMMIT_MS })
      if (done.bytes_written !== size) throw badAnswer(fileWriteCommit.name, 'it wrote another number of bytes')
      return size
    } catch (error) {
      if (!resumable(file, error))
        this.#talk.call(fileWriteAbort, { upload: upload.upload }, { signal: NEVER }).catch(() => undefined)
      throw upload.offset > 0 && reasonOf(error) === 'checksum' ? changedMeanwhile() : error
    }
  }

  async #begin(file: WriteFile, signal: AbortSignal): Promise<ResultOf<typeof fileWriteBegin>> {
    const { path, mode, owner, group, createParents, size, key } = file
    const upload = await this.#talk.call(
      fileWriteBegin,
      {
        path,
        ...(mode === undefined ? {} : { mode }),
        ...(owner === undefined ? {} : { owner }),
        ...(group === undefined ? {} : { group }),
        ...(size === undefined ? {} : { size_bytes: size }),
        ...(key === undefined ? {} : { key }),
        create_parents: createParents ?? false,
      },
      { signal },
    )
    if (upload.offset > 0 && key !== upload.upload)
      throw badAnswer(fileWriteBegin.name, 'a new upload has bytes already')
    return upload
  }

  /** What the guest has already is only read here for the checksum. */
  async #send(file: WriteFile, upload: ResultOf<typeof fileWriteBegin>, signal: AbortSignal) {
    const hash = createHash('sha256')
    const pieceBytes = Math.max(1, Math.min(this.#writeBytes, upload.max_chunk_bytes))
    const pieces = new UploadWindow(this.#talk, upload.upload, signal)
    let size = 0
    for await (const bytes of file.content) {
      hash.update(bytes)
      const start = Math.max(0, upload.offset - size)
      for (let at = start; at < bytes.length; at += pieceBytes)
        await pieces.send(size + at, bytes.subarray(at, at + pieceBytes))
      size += bytes.length
    }
    await pieces.drain()
    if (size < upload.offset) throw new ShorterNow()
    return { hash: hash.digest('hex'), size }
  }
}

class ShorterNow extends RemoteError {
  constructor() {
    super({ kind: 'precondition', message: 'The file is shorter than what was uploaded of it before.' })
  }
}

const changedMeanwhile = (): RemoteError =>
  new RemoteError({
    kind: 'precondition',
    message: 'What the guest had of this file from before was not the same. The old file is untouched.',
    hint: 'Try again: it starts anew.',
  })

/** An upload is worth keeping only for someone who can go on with it: by its key, or after the conversation broke by what `onBegin` told. */
const resumable = (file: WriteFile, error: unknown): boolean =>
  file.key !== undefined ? !(error instanceof ShorterNow) : file.onBegin !== undefined && interrupted(error)

const interrupted = (error: unknown): boolean =>
  error instanceof RemoteError &&
  !(error instanceof AgentRefusal) &&
  (error.detail.kind === 'connection' || error.detail.kind === 'timeout')
