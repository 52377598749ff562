/**
 * A note of what is frozen, in memory (/run), for the agent that starts after agent and guard were both killed.
 */
import * as v from 'valibot'
import { readText, writeAll } from '../files.ts'
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import { failedWith, here, SysError, type Sys } from '../sys.ts'

/** One for each agent: there may be several, on several channels. */
export const notePath = (config: Pick<Config, 'channelName'>): string => `/run/${config.channelName}.frozen`

const Note = v.object({ pid: v.number(), mount_points: v.array(v.string()) })

export const writeNote = (sys: Sys, mountPoints: readonly string[], path: string): void => {
  const { writeOnly, create, truncate, noFollow, closeOnExec } = sys.open
  const fd = sys.openAt(here, path, writeOnly | create | truncate | noFollow | closeOnExec, 0o600)
  try {
    writeAll(sys, fd, sys.encode(JSON.stringify({ pid: sys.pid, mount_points: mountPoints })))
  } finally {
    sys.close(fd)
  }
}

export const removeNote = (sys: Sys, path: string): void => {
  try {
    sys.removeAt(here, path, 'file')
  } catch (error) {
    if (!failedWith(error, 'ENOENT')) throw error
  }
}

/** Thaws what is mounted there; false when it was not frozen, or is gone. */
export const thawMount = (sys: Sys, mountPoint: string): boolean => {
  const { readOnly, directory, closeOnExec } = sys.open
  try {
    const fd = sys.openAt(here, mountPoint, readOnly | directory | closeOnExec)
    try {
      sys.thaw(fd)
      return true
    } finally {
      sys.close(fd)
    }
  } catch (error) {
    if (error instanceof SysError) return false
    throw error
  }
}

const isAlive = (sys: Sys, pid: number): boolean => {
  const command = readText(sys, `/proc/${pid}/cmdline`, 4096)
  return command !== null && command.includes('\0--quiesce-guard\0')
}

const parseNote = (text: string): v.InferOutput<typeof Note> | null => {
  try {
    const result = v.safeParse(Note, JSON.parse(text))
    return result.success ? result.output : null
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

/** At the agent's start: thaws what a killed guard left frozen. A guard that lives does so itself. */
export const recoverFrozen = (sys: Sys, log: Log, path: string): void => {
  const text = readText(sys, path)
  if (text === null || text === '') return
  const note = parseNote(text)
  if (note !== null && isAlive(sys, note.pid)) return
  for (const mountPoint of note?.mount_points ?? []) {
    if (thawMount(sys, mountPoint)) log.warn('thawed what a killed agent left frozen', { mountPoint })
  }
  removeNote(sys, path)
}
