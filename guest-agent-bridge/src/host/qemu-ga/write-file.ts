/** Replacing files: written beside the old one under a name of its own, then moved into its place. */
import { RemoteError } from '@vireo/app-main/contract'
import type { Asking, WriteFile } from '../guest-agent.ts'
import { badAnswer } from '../rpc-failure.ts'
import { output, type GuestShell } from '../shell/guest-shell.ts'
import { checkedPath } from './directory.ts'
import * as schema from './schema.ts'
import { BLOCK_BYTES, type Talk } from './talk.ts'

const SECONDS = 60
const NEVER = new AbortController().signal

/** `$1` path, `$2` whether to make folders, `$3` length or nothing. Prints the new file's name, NUL, and what it will replace. */
const BEGIN = `
path=$1
if [ -L "$path" ]; then path=$(readlink -f "$path"; printf x) && path=\${path%?x} || exit 1; fi
folder=\${path%/*}
[ -n "$folder" ] || folder=/
if [ "$2" = 1 ]; then mkdir -p "$folder" || exit 1; fi
if [ -d "$path" ]; then echo 'Is a directory' >&2; exit 1; fi
if [ -e "$path" ] && [ ! -f "$path" ]; then echo 'Is no ordinary file: that is not supported' >&2; exit 1; fi
if [ ! -d "$folder" ]; then echo 'No such file or directory: the folder is missing' >&2; exit 1; fi
if [ -n "$3" ]; then
  known=$(df -P -k "$folder" | tail -n 1 | tr -s ' ' | cut -d ' ' -f 2,4)
  if [ "\${known%% *}" -gt 0 ] 2>/dev/null && [ "\${known##* }" -lt "$(($3 / 1024))" ]; then echo 'No space left on device' >&2; exit 1; fi
fi
umask 077
new=$(mktemp "\${folder%/}/.vireo-XXXXXXXX") && printf '%s\\0%s' "$new" "$path"
`

/** `$1` the new file, `$2` what it replaces, `$3` mode, `$4` owner, `$5` group, each but the first two or nothing. */
const FINISH = `
set -e
old=
if [ -f "$2" ]; then old=1; fi
if [ -n "$old" ]; then chown "$(stat -c %u:%g "$2")" "$1"; fi
if [ -n "$4" ]; then chown "$4" "$1"; fi
if [ -n "$5" ]; then chgrp "$5" "$1"; fi
if [ -n "$3" ]; then chmod "$3" "$1"; elif [ -n "$old" ]; then chmod "$(stat -c %a "$2")" "$1"; else chmod 644 "$1"; fi
sync "$1" 2>/dev/null || sync
mv -f "$1" "$2"
`

export const writeFile = (talk: Talk, shell: GuestShell, file: WriteFile, asking: Asking): Promise<number> =>
  replaceFile(shell, file, asking, path => fill(talk, path, file.content, asking))

/** `write` fills a new file, which then takes the other's place, and gives its length. */
export const replaceFile = async (
  shell: GuestShell,
  file: WriteFile,
  asking: Asking,
  write: (path: string) => Promise<number>,
): Promise<number> => {
  const size = file.size === undefined ? '' : String(file.size)
  const begun = await output(shell, BEGIN, [checkedPath(file.path), file.createParents ? '1' : '0', size], asking)
  const [fresh = '', target = '', ...rest] = begun.split('\0')
  if (!fresh.startsWith('/') || !target.startsWith('/') || rest.length > 0)
    throw badAnswer('the beginning of an upload', 'it names no file')
  try {
    // Nothing is known here of an upload that broke off.
    file.onBegin?.(null, 0)
    const written = await write(fresh)
    const mode = file.mode === undefined ? '' : file.mode.toString(8)
    await output(shell, FINISH, [fresh, target, mode, name(file.owner), name(file.group)], asking)
    return written
  } catch (error) {
    output(shell, 'rm -f "$1"', [fresh], { signal: NEVER }).catch(() => undefined)
    throw error
  }
}

/** Fills a file that is there already. Gives its length. */
export const fill = async (
  talk: Talk,
  path: string,
  content: AsyncIterable<Uint8Array>,
  { signal }: Asking,
): Promise<number> => {
  const open = { args: { path, mode: 'w' }, signal }
  const close = (handle: number) => talk.ask('guest-file-close', schema.nothing, { args: { handle }, signal: NEVER })
  const handle = await talk.ask('guest-file-open', schema.handle, open, late => void close(late).catch(() => undefined))
  let written = 0
  try {
    for await (const block of blocks(content)) {
      for (let at = 0; at < block.length;) {
        const args = { handle, 'buf-b64': block.toString('base64', at) }
        const { count } = await talk.ask('guest-file-write', schema.fileWrite, { args, seconds: SECONDS, signal })
        if (count === 0 || count > block.length - at) throw badAnswer('guest-file-write', 'its length is wrong')
        at += count
        written += count
      }
    }
    await talk.ask('guest-file-flush', schema.nothing, { args: { handle }, seconds: SECONDS, signal })
  } catch (error) {
    close(handle).catch(() => undefined)
    throw error
  }
  await close(handle)
  return written
}

/** The content in pieces of one question's worth. */
const blocks = async function* (content: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let waiting: Uint8Array[] = []
  let length = 0
  for await (const bytes of content) {
    waiting.push(bytes)
    length += bytes.length
    if (length < BLOCK_BYTES) continue
    const whole = Buffer.concat(waiting)
    let at = 0
    for (; whole.length - at >= BLOCK_BYTES; at += BLOCK_BYTES) yield whole.subarray(at, at + BLOCK_BYTES)
    waiting = [whole.subarray(at)]
    length = whole.length - at
  }
  if (length > 0) yield Buffer.concat(waiting)
}

/** A user or group by name or number. */
const name = (text = ''): string => {
  if (/^(?:[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}\$?)?$/.test(text)) return text
  throw new RemoteError({ kind: 'invalid-input', message: 'That is no name of a user or group.' })
}
