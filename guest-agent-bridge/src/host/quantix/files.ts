/** Files through a Quantix agent. It writes in place: whole replacement is done by a part file and a command that renames it. */
import { randomBytes } from 'node:crypto'
import { posix } from 'node:path'
import { RemoteError, type GuestEntry } from '@vireo/app-main/contract'
import type { Asking, FileChunk, WriteFile } from '../guest-agent.ts'
import { isFileName } from '../plain-text.ts'
import { badAnswer } from '../rpc-failure.ts'
import { shellFailure } from '../shell/guest-shell.ts'
import type { QuantixConversation } from './conversation.ts'
import { entryOf } from './facts.ts'

/** The agent's own host writes so much at once, and its configuration allows reading no more unless told. */
const PIECE_BYTES = 64 * 1024
/** Its paging goes over names in no order and may lose some, so everything is asked for at once. */
const MAX_ENTRIES = 100_000
const FINISH_SECONDS = 30

/** `$1` the file, `$2` the part, `$3` permission bits, `$4` owner:group; empty ones are taken from the old file. */
const FINISH = [
  'file=$1; part=$2; mode=$3; owner=$4',
  '[ -d "$file" ] && { echo "$file: is a directory" >&2; exit 1; }',
  '[ -n "$owner" ] || [ ! -e "$file" ] || owner=$(stat -Lc %u:%g "$file")',
  '[ -z "$owner" ] || chown "$owner" "$part" || exit 1',
  '[ -n "$mode" ] || [ ! -e "$file" ] || mode=$(stat -Lc %a "$file")',
  'chmod "${mode:-644}" "$part" && mv -f "$part" "$file"',
].join('\n')

const NEVER = new AbortController().signal

export class QuantixFiles {
  readonly #talk: QuantixConversation

  constructor(talk: QuantixConversation) {
    this.#talk = talk
  }

  async read(path: string, offset: number, length: number, { signal }: Asking): Promise<FileChunk> {
    const asked = Math.min(length, PIECE_BYTES)
    const piece = { path, offset, length: asked, chunk_size: asked }
    const { data, eof, offset: from } = await this.#talk.ask('file_read', piece, { signal })
    if (data.length > asked || from !== offset || (data.length === 0 && !eof))
      throw badAnswer('file_read', 'it is not the piece that was asked for')
    return { bytes: data, eof }
  }

  async write(file: WriteFile, { signal }: Asking): Promise<number> {
    file.onBegin?.(null, 0)
    const part = `${file.path}.vireo-${randomBytes(6).toString('hex')}`
    try {
      const written = await this.#writePart(file, part, signal)
      await this.#finish(file, part, signal)
      return written
    } catch (error) {
      this.#talk.ask('file_delete', { path: part, recursive: false }, { signal: NEVER }).catch(() => undefined)
      throw error
    }
  }

  async #writePart(file: WriteFile, part: string, signal: AbortSignal): Promise<number> {
    let offset = 0
    let chunk = 0
    const write = async (data: Uint8Array) => {
      const create = { create_parents: chunk === 0 && (file.createParents ?? false), mode: 0o600 }
      const request = { path: part, data, offset, chunk_number: chunk++, ...create }
      const { bytes_written: written } = await this.#talk.ask('file_write', request, { signal })
      if (written !== data.length) throw badAnswer('file_write', `${written} of ${data.length} bytes were written`)
      offset += data.length
    }
    // The first piece makes the file, also one that stays empty.
    await write(new Uint8Array(0))
    for await (const bytes of file.content)
      for (let at = 0; at < bytes.length; at += PIECE_BYTES) await write(bytes.subarray(at, at + PIECE_BYTES))
    return offset
  }

  async #finish(file: WriteFile, part: string, signal: AbortSignal): Promise<void> {
    const mode = file.mode === undefined ? '' : file.mode.toString(8)
    const owner = `${file.owner ?? ''}${file.group === undefined ? '' : `:${file.group}`}`
    const end = await this.#talk.ask(
      'execute',
      {
        ...{ command: 'sh', args: ['-c', FINISH, 'sh', file.path, part, mode, owner] },
        ...{ environment: { LC_ALL: 'C' }, timeout_seconds: FINISH_SECONDS, wait_for_exit: true },
      },
      { signal, deadlineMs: (FINISH_SECONDS + 5) * 1000 },
    )
    if (end.exit_code !== 0) throw shellFailure({ code: end.exit_code, stdout: '', stderr: end.error || end.stderr })
  }

  async list(path: string, { signal }: Asking): Promise<GuestEntry[]> {
    const all = { path, include_hidden: true, max_entries: MAX_ENTRIES }
    const { entries, continuation_token: more } = await this.#talk.ask('list_directory', all, { signal })
    if (more !== '')
      throw new RemoteError({
        kind: 'refused',
        message: `The guest agent lists no more than ${entries.length} entries.`,
      })
    return entries.map(entryOf).filter(({ name }) => isFileName(name))
  }

  async stat(path: string, { signal }: Asking): Promise<GuestEntry> {
    const { entry } = await this.#talk.ask('file_stat', { path }, { signal })
    if (!entry) throw badAnswer('file_stat', 'it tells nothing')
    return { ...entryOf(entry), name: isFileName(entry.name) ? entry.name : posix.basename(path) }
  }
}
