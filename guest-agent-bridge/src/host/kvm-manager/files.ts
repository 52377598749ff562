/** Files through the KVM Manager agent. Its own methods move text only, so bytes go through the guest's shell where there is one. */
import { createHash, randomBytes } from 'node:crypto'
import { isUtf8 } from 'node:buffer'
import { RemoteError } from '@vireo/app-main/contract'
import type { Asking, FileChunk, WriteFile } from '../guest-agent.ts'
import { badAnswer } from '../rpc-failure.ts'
import { output, shellFailure } from '../shell/guest-shell.ts'
import type { KvmManagerCommands } from './commands.ts'
import type { KvmManagerConversation } from './conversation.ts'
import { ReadResult, WriteResult } from './methods.ts'

const READ_BYTES = 256 * 1024
/** As base64 it fits one argument of a program, and the line the 64 KiB that are passed on in one piece. */
const WRITE_BYTES = 45 * 1024
/** Files beyond it do not fit one line as text. */
const MAX_TEXT_BYTES = 1024 * 1024
const TEXT_MS = 30_000
const KEPT_MS = 10_000

const READ = [
  '[ -e "$1" ] || { echo "no such file: $1" >&2; exit 1; }',
  '[ -f "$1" ] || { echo "$1 is a directory or device" >&2; exit 1; }',
  '[ -r "$1" ] || { echo "permission denied: $1" >&2; exit 1; }',
  'wc -c < "$1"; tail -c "+$2" "$1" | head -c "$3" | base64',
].join('; ')

const FINISH = [
  'file=$1; part=$2; mode=$3; owner=$4; sum=$5',
  '[ -d "$file" ] && { echo "$file is a directory" >&2; rm -f "$part"; exit 1; }',
  '[ "$(sha256sum < "$part" | cut -d" " -f1)" = "$sum" ] || { echo "it arrived damaged" >&2; rm -f "$part"; exit 1; }',
  '{ [ -z "$owner" ] && [ -e "$file" ] && owner=$(stat -Lc %u:%g "$file"); [ -z "$owner" ] || chown "$owner" "$part"; }',
  '{ [ -z "$mode" ] && [ -e "$file" ] && mode=$(stat -Lc %a "$file"); chmod "${mode:-644}" "$part"; }',
  'sync "$part" 2>/dev/null; mv -f "$part" "$file" || { rm -f "$part"; exit 1; }',
].join('\n')

export class KvmManagerFiles {
  readonly #talk: KvmManagerConversation
  readonly #commands: KvmManagerCommands
  /** The agent reads a file as a whole; the next piece of the same one is cut from it. */
  #kept: { readonly path: string; readonly bytes: Buffer; readonly at: number } | undefined

  constructor(talk: KvmManagerConversation, commands: KvmManagerCommands) {
    this.#talk = talk
    this.#commands = commands
  }

  /** Whether bytes of any kind can be moved, not text alone. */
  get binary(): boolean {
    return this.#commands.hasShell && this.#commands.has('base64') && this.#commands.has('sha256sum')
  }

  async read(path: string, offset: number, length: number, asking: Asking): Promise<FileChunk> {
    if (!this.binary) return this.#readText(path, offset, length, asking)
    const asked = Math.min(length, READ_BYTES)
    const text = await output(this.#commands, READ, [path, String(offset + 1), String(asked)], asking)
    const [size = '', ...lines] = text.split('\n')
    const bytes = Buffer.from(lines.join(''), 'base64')
    if (!/^ *\d{1,15}$/.test(size) || bytes.length > asked) throw badAnswer('a piece of a file', 'it is none')
    const eof = offset + bytes.length >= Number(size)
    if (bytes.length === 0 && !eof) throw badAnswer('a piece of a file', 'it is empty and not the end')
    return { bytes, eof }
  }

  async #readText(path: string, offset: number, length: number, { signal }: Asking): Promise<FileChunk> {
    if (offset === 0 || this.#kept?.path !== path || performance.now() - this.#kept.at > KEPT_MS) {
      const { content, size_bytes } = await this.#talk.call('file_read', ReadResult, { path }, signal, TEXT_MS)
      const bytes = Buffer.from(content)
      if (bytes.length !== size_bytes)
        throw badAnswer('file_read', `it holds ${bytes.length} bytes instead of ${size_bytes}`)
      this.#kept = { path, bytes, at: performance.now() }
    }
    const whole = this.#kept.bytes
    const bytes = Buffer.from(whole.subarray(offset, offset + length))
    const eof = offset + bytes.length >= whole.length
    if (eof) this.#kept = undefined
    return { bytes, eof }
  }

  async write(file: WriteFile, asking: Asking): Promise<number> {
    file.onBegin?.(null, 0)
    return this.binary ? this.#writeBytes(file, asking) : this.#writeText(file, asking)
  }

  /** To a file of its own beside the old one, which it replaces at the end. */
  async #writeBytes(file: WriteFile, asking: Asking): Promise<number> {
    const { path, mode, owner, group, createParents } = file
    const part = `${path}.vireo-${randomBytes(6).toString('hex')}`
    const begin = `${createParents ? 'mkdir -p -- "$(dirname "$1")" && ' : ''}umask 077 && : > "$2"`
    await output(this.#commands, begin, [path, part], asking)
    try {
      const hash = createHash('sha256')
      let size = 0
      for await (const bytes of file.content) {
        hash.update(bytes)
        size += bytes.length
        for (let at = 0; at < bytes.length; at += WRITE_BYTES) {
          const data = Buffer.from(bytes.subarray(at, at + WRITE_BYTES)).toString('base64')
          await output(this.#commands, 'printf %s "$2" | base64 -d >> "$1"', [part, data], asking)
        }
      }
      const ownership =
        owner === undefined && group === undefined ? '' : `${owner ?? ''}${group === undefined ? '' : `:${group}`}`
      const bits = mode === undefined ? '' : mode.toString(8)
      await output(this.#commands, FINISH, [path, part, bits, ownership, hash.digest('hex')], asking)
      return size
    } catch (error) {
      this.#commands.run('rm -f "$1"', [part], { signal: new AbortController().signal }).catch(() => undefined)
      throw error
    }
  }

  async #writeText(file: WriteFile, { signal }: Asking): Promise<number> {
    const parts: Uint8Array[] = []
    let size = 0
    for await (const bytes of file.content) {
      size += bytes.length
      if (size > MAX_TEXT_BYTES) throw textOnly(`This agent writes files of up to ${MAX_TEXT_BYTES} bytes.`)
      parts.push(bytes)
    }
    const bytes = Buffer.concat(parts)
    if (!isUtf8(bytes)) throw textOnly('This agent writes text only, and this file is none.')
    if (file.owner !== undefined || file.group !== undefined) throw textOnly('This agent cannot set an owner.')
    const params = {
      ...{ path: file.path, content: bytes.toString(), create_dirs: file.createParents ?? false },
      // Its default is no wish to keep what an existing file has: the agent knows none.
      permissions: `0${(file.mode ?? 0o644).toString(8)}`,
    }
    const { bytes_written } = await this.#talk.call('file_write', WriteResult, params, signal, TEXT_MS)
    if (bytes_written !== bytes.length)
      throw shellFailure({ code: null, stdout: '', stderr: 'wrote another number of bytes' })
    return bytes_written
  }
}

const textOnly = (message: string): RemoteError => new RemoteError({ kind: 'unsupported', message })
