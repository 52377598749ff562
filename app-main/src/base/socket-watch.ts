import { existsSync, watch, type FSWatcher } from 'node:fs'
import { basename, dirname } from 'node:path'
import { disposable, type Disposable } from './disposable.ts'

/**
 * Tells when a socket may have appeared, or been replaced. Where its folder is not there yet, waits for the folder
 * first: a daemon makes both. Where watching is impossible nothing is told, and the caller's timer must do.
 */
export const watchSocket = (path: string, appeared: () => void): Disposable => {
  let watcher: FSWatcher | undefined
  const look = (): void => {
    watcher?.close()
    const folder = nearestFolder(path)
    watcher = watchFolder(folder, name => {
      if (folder === dirname(path)) {
        if (name === basename(path) && existsSync(path)) appeared()
      } else if (nearestFolder(path) !== folder) {
        look()
        if (existsSync(path)) appeared()
      }
    })
  }
  look()
  return disposable(() => watcher?.close())
}

const nearestFolder = (path: string): string => {
  let folder = dirname(path)
  while (!existsSync(folder) && folder !== '/') folder = dirname(folder)
  return folder
}

const watchFolder = (folder: string, changed: (name: string | null) => void): FSWatcher | undefined => {
  try {
    const watcher = watch(folder, { persistent: false }, (_kind, name) => changed(name))
    // A folder that is removed ends the watch; the caller's timer goes on.
    watcher.on('error', () => watcher.close())
    return watcher
  } catch {
    return undefined
  }
}
