/** Whether a vendor really signed what we got: gpgv with that vendor's keys, which the distribution's packages bring. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { RemoteError } from '../contract/index.ts'
import type { HttpClient } from './http.ts'
import type { SignedBy } from './resolve.ts'
import { findTool, lastWords, runTool } from './run-tool.ts'

/** `unchecked` says why in words for people; a wrong signature is no state but a refusal. */
export type SignatureState =
  | { readonly state: 'good'; readonly signer: string; readonly text: string | null }
  | { readonly state: 'unchecked'; readonly reason: string; readonly text: string | null }

export interface SignatureOptions {
  readonly http: HttpClient
  readonly signal: AbortSignal
  /** A person's own keys: files `<vendor>.gpg` or `.asc` that count before the distribution's. */
  readonly keyFolder?: string | undefined
}

const unchecked = (reason: string, text: string | null = null): SignatureState => ({ state: 'unchecked', reason, text })

/** gpgv wants the binary form; vendors often give the armoured one. */
const dearmored = (bytes: Buffer): Buffer => {
  const text = bytes.subarray(0, 64).toString('latin1')
  if (!text.includes('-----BEGIN PGP')) return bytes
  const blocks = [
    ...bytes
      .toString('latin1')
      .matchAll(/-----BEGIN PGP PUBLIC KEY BLOCK-----([\s\S]*?)-----END PGP PUBLIC KEY BLOCK-----/g),
  ]
  return Buffer.concat(
    blocks.map(([, block = '']) => {
      const body = block.replace(/\r/g, '').replace(/^[\s\S]*?\n\n/, '')
      // The last line, which begins with =, is a checksum of the lines before.
      const lines = body.split('\n').filter(line => line !== '' && !line.startsWith('='))
      return Buffer.from(lines.join(''), 'base64')
    }),
  )
}

const firstReadable = async (files: readonly string[]): Promise<Buffer | undefined> => {
  for (const file of files) {
    const bytes = await readFile(file).catch(() => undefined)
    if (bytes) return bytes
  }
  return undefined
}

/** The text inside a clear-signed document that nobody can check here. */
export const signedText = (document: string): string => {
  // Searched once from left to right: whoever sends eight MiB of beginnings must not keep us busy.
  const text = document.replaceAll('\r\n', '\n')
  const begin = text.indexOf('-----BEGIN PGP SIGNED MESSAGE-----\n')
  const headers = begin < 0 ? -1 : text.indexOf('\n\n', begin)
  const end = headers < 0 ? -1 : text.indexOf('\n-----BEGIN PGP SIGNATURE-----', headers + 1)
  return end < 0 ? '' : text.slice(headers + 2, end).replace(/^- /gm, '')
}

interface Paper {
  readonly keys: Buffer
  readonly signature: Buffer
  /** Path of what is signed; absent for a clear-signed document. */
  readonly file: string | undefined
}

const ask = async (gpgv: string, folder: string, { keys, signature, file }: Paper, signal: AbortSignal) => {
  await writeFile(join(folder, 'keys.gpg'), dearmored(keys), { mode: 0o600 })
  await writeFile(join(folder, 'signature'), signature, { mode: 0o600 })
  const about = [join(folder, 'signature'), ...(file === undefined ? [] : [file])]
  // What gpgv itself found signed counts, and nothing that stands around it.
  const output = file === undefined ? ['--output', join(folder, 'text')] : []
  const args = ['--homedir', folder, '--status-fd', '1', ...output, '--keyring', join(folder, 'keys.gpg'), ...about]
  const end = await runTool(gpgv, args, { signal, ms: 600_000 })
  const [, signer] = /^\[GNUPG:\] VALIDSIG ([0-9A-F]{40})/m.exec(end.out) ?? []
  const bad = /^\[GNUPG:\] (BADSIG|EXPSIG|EXPKEYSIG|REVKEYSIG|ERRSIG|NODATA|UNEXPECTED)/m.exec(end.out)?.[1]
  return { good: end.code === 0 && signer !== undefined && bad === undefined, signer, words: lastWords(end) }
}

/**
 * Checks a vendor's signature. `image` is the downloaded file, for signatures over it. Throws `precondition` when the
 * signature is wrong or made with a key that is not the vendor's; where it cannot be checked the answer says why.
 */
export const checkSignature = async (
  signed: SignedBy,
  image: string,
  options: SignatureOptions,
): Promise<SignatureState> => {
  const { http, signal, keyFolder } = options
  let signature: Buffer
  try {
    signature = (await http.bytes(signed.address, signal)).bytes
  } catch (error) {
    if (signed.inline || signal.aborted || !(error instanceof RemoteError) || error.detail.kind !== 'not-found')
      throw error
    return unchecked('The vendor has published no signature beside it.')
  }
  const text = signed.inline ? signedText(signature.toString('utf8')) : null
  const gpgv = findTool('gpgv')
  if (gpgv === undefined) return unchecked('gpgv, which checks signatures, is not installed (package gpgv).', text)
  const own = keyFolder === undefined ? [] : signed.keys.files.map(file => join(keyFolder, basename(file)))
  const keys = await firstReadable([...own, ...signed.keys.files])
  if (!keys) return unchecked(`The vendor's keys are not on this computer (package ${signed.keys.package}).`, text)
  const folder = await mkdtemp(join(tmpdir(), 'vireo-signature-'))
  try {
    const signedFile = join(folder, 'signed')
    if (signed.text) await writeFile(signedFile, signed.text, { mode: 0o600 })
    const file = signed.inline ? undefined : signed.text ? signedFile : image
    const { good, signer, words } = await ask(gpgv, folder, { keys, signature, file }, signal)
    const proven = signed.inline && good ? await readFile(join(folder, 'text'), 'utf8') : null
    if (good && signer !== undefined) return { state: 'good', signer, text: proven }
    throw new RemoteError({
      kind: 'precondition',
      message: `The signature of this image is wrong: ${words}`,
      hint: 'Somebody may have changed it on its way. Take another mirror; if it stays wrong, tell the vendor.',
    })
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}
