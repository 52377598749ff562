/** Files' facts by GNU find, which prints any name safely. */
import { basename } from 'node:path/posix'
import type { GuestEntry } from '@vireo/app-main/contract'
import { RemoteError } from '@vireo/app-main/contract'
import type { Asking } from '../guest-agent.ts'
import { isFileName, plainText } from '../plain-text.ts'
import { output, type GuestShell } from './guest-shell.ts'

const FORMAT = '%y\\t%m\\t%s\\t%T@\\t%u\\t%g\\t%f\\t%l\\0'
const LINE = /^(\S)\t([0-7]{1,5})\t(\d{1,16})\t(-?\d{1,12})(?:\.\d+)?\t([^\t]*)\t([^\t]*)\t([^]*)\t([^\t]*)$/

export const readEntries = (text: string): GuestEntry[] => {
  const found: GuestEntry[] = []
  for (const line of text.split('\0')) {
    const match = LINE.exec(line)
    if (!match) continue
    const [, type = '', mode = '', size = '', seconds = '', owner = '', group = '', name = '', target = ''] = match
    found.push({
      name,
      type: type === 'f' ? 'file' : type === 'd' ? 'directory' : type === 'l' ? 'link' : 'other',
      sizeBytes: Number(size),
      mode: Number.parseInt(mode, 8),
      owner: plainText(owner, 64),
      group: plainText(group, 64),
      modifiedAt: Number(seconds) * 1000,
      linkTarget: type === 'l' ? target : null,
    })
  }
  return found
}

export const shellList = async (shell: GuestShell, path: string, asking: Asking): Promise<GuestEntry[]> => {
  const script = `cd -- "$1" && find . -mindepth 1 -maxdepth 1 -printf '${FORMAT}'`
  return readEntries(await output(shell, script, [path], asking)).filter(entry => isFileName(entry.name))
}

export const shellStat = async (shell: GuestShell, path: string, asking: Asking): Promise<GuestEntry> => {
  // An absolute path never looks like an option.
  const [entry] = readEntries(await output(shell, `find "$1" -maxdepth 0 -printf '${FORMAT}'`, [path], asking))
  if (!entry) throw new RemoteError({ kind: 'refused', message: 'The guest did not describe the file.' })
  return { ...entry, name: isFileName(entry.name) ? entry.name : basename(path) }
}

export const shellMakeDirectory = async (
  shell: GuestShell,
  path: string,
  { parents, mode }: { parents: boolean; mode?: number },
  asking: Asking,
): Promise<void> => {
  const bits = mode === undefined ? '' : `-m ${mode.toString(8)}`
  await output(shell, `mkdir ${parents ? '-p' : ''} ${bits} -- "$1"`, [path], asking)
}

export const shellRemove = async (
  shell: GuestShell,
  path: string,
  { recursive }: { recursive: boolean },
  asking: Asking,
): Promise<void> => {
  const remove = recursive ? 'rm -r --one-file-system' : 'rm -d'
  await output(shell, `${remove} -- "$1" </dev/null`, [path], asking)
}
