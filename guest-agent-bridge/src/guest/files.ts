/** Small files of the system (`/proc`, `/sys`, `/etc`), read whole. Not for paths that the host names: those go through `Access`. */
import { failedWith, here, type Sys } from './sys.ts'

const MAX_BYTES = 4 * 1024 * 1024

/** The bytes from a descriptor to its end, at most `limit`. */
export const readAll = (sys: Sys, fd: number, limit: number = MAX_BYTES): Uint8Array => {
  let buffer = new Uint8Array(8192)
  let used = 0
  while (used < limit) {
    const count = sys.read(fd, buffer.subarray(used, Math.min(buffer.length, limit)))
    if (count === 0) break
    used += count
    if (used < buffer.length) continue
    const bigger = new Uint8Array(2 * buffer.length)
    bigger.set(buffer)
    buffer = bigger
  }
  return buffer.subarray(0, used)
}

/** A file's bytes, at most `limit`. Throws `SysError`. */
export const readBytes = (sys: Sys, path: string, limit?: number): Uint8Array => {
  const fd = sys.openAt(here, path, sys.open.readOnly | sys.open.closeOnExec | sys.open.noCtty)
  try {
    return readAll(sys, fd, limit)
  } finally {
    sys.close(fd)
  }
}

/** A file's text; null when it cannot be read, whatever the reason. */
export const readText = (sys: Sys, path: string, limit?: number): string | null => {
  try {
    return sys.decode(readBytes(sys, path, limit))
  } catch (error) {
    if (failedWith(error, 'ENOENT', 'EACCES', 'EPERM', 'ENOTDIR', 'EISDIR', 'EIO', 'EINVAL', 'ESRCH')) return null
    throw error
  }
}

/** The names in a folder; empty when it cannot be read. */
export const namesIn = (sys: Sys, path: string): string[] => {
  try {
    const fd = sys.openAt(here, path, sys.open.readOnly | sys.open.directory | sys.open.closeOnExec)
    try {
      return sys.readDirectory(fd).map(item => item.name)
    } finally {
      sys.close(fd)
    }
  } catch (error) {
    if (failedWith(error, 'ENOENT', 'EACCES', 'EPERM', 'ENOTDIR')) return []
    throw error
  }
}

/** Writes all of it; the descriptor must be one that takes what it is given (a file). */
export const writeAll = (sys: Sys, fd: number, bytes: Uint8Array, position?: number): void => {
  for (let done = 0; done < bytes.length;) {
    done += sys.write(fd, bytes.subarray(done), position === undefined ? undefined : position + done)
  }
}
