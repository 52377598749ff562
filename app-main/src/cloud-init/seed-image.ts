/** A NoCloud seed as an ISO 9660 image with the volume name `cidata`. */
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { RemoteError } from '../contract/index.ts'
import type { SeedDocuments } from './seed-draft.ts'

export interface SeedFile {
  readonly name: string
  readonly bytes: Uint8Array
}

const DEADLINE_MS = 30_000
// The same files give the same image, byte for byte.
const DATE = '2000010100000000'

const xorriso = (args: readonly string[], signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn('xorriso', args, {
      env: { ...process.env, LC_ALL: 'C', SOURCE_DATE_EPOCH: '946684800' },
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: DEADLINE_MS,
      killSignal: 'SIGKILL',
      ...(signal ? { signal } : {}),
    })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said = `${said}${text}`.slice(-2000)))
    child.once('error', (cause: NodeJS.ErrnoException) => {
      if (signal?.aborted) return reject(cancelled(signal))
      const missing = cause.code === 'ENOENT'
      const message = missing ? 'xorriso, which writes the seed, is not installed.' : `xorriso: ${cause.message}`
      const hint = missing ? { hint: 'Install the package xorriso (libisoburn on Arch).' } : {}
      reject(new RemoteError({ kind: 'precondition', message, ...hint }, { cause }))
    })
    child.once('close', code => {
      if (code === 0) return resolve()
      const why =
        said
          .trim()
          .split('\n')
          .findLast(line => /FAILURE|FATAL|SORRY/.test(line)) ?? `code ${code}`
      reject(new RemoteError({ kind: 'internal', message: `The seed could not be written: ${why}` }))
    })
  })

const cancelled = ({ reason }: AbortSignal): Error =>
  reason instanceof Error ? reason : new RemoteError({ kind: 'cancelled', message: 'Writing the seed was cancelled.' })

/**
 * Gives the image's bytes. What it holds lies meanwhile in a folder that only this user can read. Rejects with
 * `precondition` where xorriso is missing, and with `invalid-input` for names that are more than a file's.
 */
export const seedImage = async (
  { userData, metaData, networkConfig }: SeedDocuments,
  files: readonly SeedFile[] = [],
  signal?: AbortSignal,
): Promise<Buffer> => {
  signal?.throwIfAborted()
  const strange = files.find(({ name }) => name !== basename(name) || /^\.*$|[=\\\n\0]/.test(name))
  if (strange) throw new RemoteError({ kind: 'invalid-input', message: `A seed holds no file “${strange.name}”.` })
  const folder = await mkdtemp(join(tmpdir(), 'vireo-seed-'))
  try {
    const documents = { 'user-data': userData, 'meta-data': metaData, 'network-config': networkConfig }
    const paths: string[] = []
    const put = async (name: string, bytes: string | Uint8Array) => {
      await writeFile(join(folder, name), bytes, { mode: 0o600, flag: 'wx' })
      paths.push(`/${name}=${join(folder, name)}`)
    }
    for (const [name, text] of Object.entries(documents)) await put(name, text)
    for (const { name, bytes } of files) await put(name, bytes)
    const image = join(folder, '.seed.iso')
    const dates = ['--modification-date=' + DATE, '--set_all_file_dates', DATE]
    const shape = ['-volid', 'cidata', '-joliet', '-rational-rock', '-uid', '0', '-gid', '0', '-no-pad', ...dates]
    await xorriso(['-as', 'mkisofs', '-quiet', '-output', image, ...shape, '-graft-points', ...paths], signal)
    return await readFile(image)
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}
