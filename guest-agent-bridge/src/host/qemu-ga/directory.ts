/** Files' facts and folders. GNU find prints them all at once; a busybox asks about each. */
import { basename } from 'node:path/posix'
import { RemoteError, type GuestEntry } from '@vireo/app-main/contract'
import type { Asking } from '../guest-agent.ts'
import { isFileName } from '../plain-text.ts'
import { readEntries } from '../shell/directory.ts'
import { output, type GuestShell } from '../shell/guest-shell.ts'

/** More would not fit into one answer. */
const MAX_BYTES = 2 * 1024 * 1024

const FIND = `find "$@" -printf '%y\\t%m\\t%s\\t%T@\\t%u\\t%g\\t%f\\t%l\\0'`
/** For a find that cannot print: the facts of `$@`, each ended by NUL, as `readEntries` reads them. */
const STEP = `
has_find() { find /dev/null -maxdepth 0 -printf '' 2>/dev/null; }
facts() {
  for one; do
    type=o link=
    if [ -L "$one" ]; then type=l link=$(readlink "$one"); elif [ -f "$one" ]; then type=f; elif [ -d "$one" ]; then type=d; fi
    known=$(stat -c '%a	%s	%Y	%U	%G' "$one") || continue
    printf '%s\\t%s\\t%s\\t%s\\0' "$type" "$known" "\${one##*/}" "$link"
  done
}
`
const LIST = `${STEP}
if [ ! -e "$1" ]; then echo 'No such file or directory' >&2; exit 1; fi
if [ ! -d "$1" ]; then echo 'Not a directory' >&2; exit 1; fi
if [ ! -r "$1" ] || ! cd "$1"; then echo 'Permission denied' >&2; exit 1; fi
if has_find; then set -- . -mindepth 1 -maxdepth 1; ${FIND}
else
  for name in ./* ./.[!.]* ./..?*; do
    if [ -e "$name" ] || [ -L "$name" ]; then facts "$name"; fi
  done
fi | head -c ${MAX_BYTES + 1}
`
const STAT = `${STEP}
if [ ! -e "$1" ] && [ ! -L "$1" ]; then echo 'No such file or directory' >&2; exit 1; fi
if has_find; then set -- "$1" -maxdepth 0; ${FIND}; else facts "$1"; fi
`

export const list = async (shell: GuestShell, path: string, asking: Asking): Promise<GuestEntry[]> => {
  const checked = checkedPath(path)
  const text = await output(shell, LIST, [checked], asking)
  if (Buffer.byteLength(text) > MAX_BYTES)
    throw new RemoteError({
      kind: 'unsupported',
      message: 'The folder has too many entries for qemu-ga to tell.',
      hint: 'The Vireo agent has no such limit.',
    })
  return readEntries(text).filter(entry => isFileName(entry.name))
}

export const stat = async (shell: GuestShell, path: string, asking: Asking): Promise<GuestEntry> => {
  const [entry] = readEntries(await output(shell, STAT, [checkedPath(path)], asking))
  if (entry === undefined) throw new RemoteError({ kind: 'refused', message: 'The guest did not describe the file.' })
  return { ...entry, name: isFileName(entry.name) ? entry.name : basename(path) }
}

export const makeDirectory = async (
  shell: GuestShell,
  path: string,
  { parents, mode }: { parents: boolean; mode?: number },
  asking: Asking,
): Promise<void> => {
  const bits = mode === undefined ? '' : mode.toString(8)
  const script = `if [ "$2" = 1 ]; then mkdir -p "$1"; else mkdir "$1"; fi && { [ -z "$3" ] || chmod "$3" "$1"; }`
  await output(shell, script, [checkedPath(path), parents ? '1' : '0', bits], asking)
}

const REMOVE = `
if [ -d "$1" ] && [ ! -L "$1" ]; then
  if [ "$2" = 1 ]; then rm -rf "$1"; else rmdir "$1"; fi
elif [ -e "$1" ] || [ -L "$1" ]; then rm -f "$1"
else echo 'No such file or directory' >&2; exit 1
fi`

export const remove = async (
  shell: GuestShell,
  path: string,
  { recursive }: { recursive: boolean },
  asking: Asking,
): Promise<void> => {
  const checked = checkedPath(path)
  if (/^[/.]*$/.test(checked))
    throw new RemoteError({ kind: 'invalid-input', message: 'The root of the guest cannot be removed.' })
  await output(shell, REMOVE, [checked, recursive ? '1' : '0'], asking)
}

/** Absolute, so that it never looks like an option. */
export const checkedPath = (path: string): string => {
  if (path.startsWith('/') && !path.includes('\0') && Buffer.byteLength(path) <= 4096) return path
  throw new RemoteError({
    kind: 'invalid-input',
    message: 'A path in the guest begins with “/”, and has at most 4096 bytes.',
  })
}
