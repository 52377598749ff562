/** Download, checksum, signature and unpacking of one file, in the order that trusts nothing before it was checked. */
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { RemoteError } from '../contract/index.ts'
import { checksumFor, parseSums, type Checksum } from './checksums.ts'
import type { FreeBytes } from './disk-space.ts'
import { download, type Download } from './download.ts'
import type { HttpClient } from './http.ts'
import type { Signature } from './image-cache.ts'
import type { ImageProgress } from './image-progress.ts'
import type { Resolved } from './resolve.ts'
import { checkSignature, type SignatureState } from './signature.ts'
import { packingOf, unpack } from './unpack.ts'

export interface FetchOptions {
  readonly http: HttpClient
  readonly folder: string
  readonly free: FreeBytes
  readonly keyFolder: string | undefined
  readonly signal: AbortSignal
  readonly tell: (progress: ImageProgress) => void
  readonly retryMs?: number
}

export interface Fetched {
  readonly path: string
  /** Of the unpacked file. */
  readonly sha256: string
  readonly signature: Signature
  /** What the vendor says of the file as it is published. */
  readonly checksum: string | null
}

const shown = (checksum: Checksum) => `${checksum.algorithm}:${checksum.digest}`

const ensureSame = (expected: Checksum, got: Download): void => {
  if (got.digests[expected.algorithm] === expected.digest) return
  throw new RemoteError({
    kind: 'precondition',
    message: `The checksum of this image is wrong: ${got.digests[expected.algorithm].slice(0, 16)}… instead of ${expected.digest.slice(0, 16)}….`,
    hint: 'It was damaged or changed on its way. Try again, or take another mirror.',
  })
}

const wordsOf = (state: SignatureState | null): Signature => {
  if (state === null) return { state: 'none', about: 'The vendor publishes no signature that Vireo knows of.' }
  if (state.state === 'good') return { state: 'good', about: `Signed by the key ${state.signer}.` }
  return { state: 'unchecked', about: state.reason }
}

const signatureOf = async (resolved: Resolved, path: string, options: FetchOptions): Promise<SignatureState | null> =>
  resolved.signature ? checkSignature(resolved.signature, path, options) : null

const beginningOf = async (path: string): Promise<Buffer> => {
  const file = await open(path, 'r')
  try {
    const buffer = Buffer.alloc(16)
    return buffer.subarray(0, (await file.read(buffer, 0, 16, 0)).bytesRead)
  } finally {
    await file.close()
  }
}

/** A list whose own signature is wrong is worth no gigabyte: it is looked at first, where it can be. */
const before = (resolved: Resolved) =>
  resolved.signature !== null && (resolved.signature.inline || resolved.signature.text !== undefined)

/**
 * Brings a file into `folder`. Throws `precondition` for a wrong checksum or signature, after which nothing of it is kept, and
 * the failures of download and unpacking.
 */
export const fetchFile = async (resolved: Resolved, options: FetchOptions): Promise<Fetched> => {
  const { http, folder, free, signal, tell, retryMs } = options
  const early = before(resolved) ? await signatureOf(resolved, '', options) : null
  const signed = early?.text ? checksumFor(parseSums(early.text), resolved.name) : undefined
  const expected = resolved.checksum ?? signed ?? null
  // A signed list that does not name the file proves nothing about it.
  if (resolved.signature?.inline && !signed)
    throw new RemoteError({ kind: 'precondition', message: `Nobody says what checksum ${resolved.name} must have.` })
  const got = await download({
    ...{ http, url: resolved.url, folder, free, signal, plain: expected !== null },
    ...(retryMs === undefined ? {} : { retryMs }),
    progress: (done, total) => tell({ step: 'download', done, total }),
  })
  tell({ step: 'check', done: got.bytes, total: got.bytes })
  let state = early
  try {
    // Both, where the signed text and the index name one: they must agree.
    for (const checksum of [resolved.checksum, signed ?? null]) if (checksum) ensureSame(checksum, got)
    if (!before(resolved)) state = await signatureOf(resolved, got.path, options)
  } catch (error) {
    // What is wrong stays wrong: going on with it would never end well.
    const wrong = error instanceof RemoteError && error.detail.kind === 'precondition'
    if (wrong) await rm(folder, { recursive: true, force: true })
    throw error
  }
  const packing = packingOf(await beginningOf(got.path))
  const common = { signature: wordsOf(state), checksum: expected && shown(expected) }
  if (!packing) return { ...common, path: got.path, sha256: got.digests.sha256 }
  const to = join(folder, 'unpacked')
  const progress = (done: number) => tell({ step: 'unpack', done, total: null })
  const { sha256 } = await unpack({ from: got.path, to, packing, folder, free, signal, progress })
  await rm(got.path, { force: true })
  return { ...common, path: to, sha256 }
}
