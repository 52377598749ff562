/** Tells when something about the hypervisors may have changed, by what the kernel tells: nothing is polled. */
import { existsSync, watch, type FSWatcher } from 'node:fs'
import { dirname } from 'node:path'
import { DisposableStore, disposable, type Disposable } from '../base/disposable.ts'
import { INCUS_SOCKETS } from '../base/lxd-sockets.ts'

/** Where sockets, devices, packages, modules’ options, groups and boot links appear. Folders, because files are replaced. */
export const WATCHED_FOLDERS: Readonly<Record<string, RegExp>> = {
  '/dev': /^(kvm|vboxdrv|vmmon)$/,
  '/run/libvirt': /-sock$/,
  '/run/libvirt/network': /^default\.xml$/,
  '/run/libvirt/storage': /\.xml$/,
  '/var/lib/lxd': /^unix\.socket$/,
  // Root alone may look into these: whoever else set LXD up elsewhere has the button.
  '/var/lib/lxd/storage-pools': /./,
  '/var/lib/lxd/networks': /./,
  '/var/snap/lxd/common/lxd': /^unix\.socket$/,
  ...Object.fromEntries(INCUS_SOCKETS.map(path => [dirname(path), /^unix\.socket$/])),
  '/run': /^(docker\.sock|libvirt|podman)$/,
  '/run/podman': /^podman\.sock$/,
  '/usr/bin': /^(qemu-system-.*|virsh|lxd|incus|podman|docker|VBoxManage|swtpm)$/,
  '/usr/sbin': /^(libvirtd|virtqemud|lxd)$/,
  '/etc': /^group$/,
  '/etc/modprobe.d': /\.conf$/,
  '/etc/systemd/system': /^(multi-user|sockets)\.target\.wants$/,
  '/etc/systemd/system/multi-user.target.wants': /^(libvirtd|virtqemud|lxd|incus|docker|podman|snap\.lxd)/,
  '/etc/systemd/system/sockets.target.wants': /^(libvirtd|virtqemud|lxd|incus|docker|podman)/,
}

/** A package or a daemon changes many files at once: one look after the last of them, milliseconds. */
const QUIET_MS = 400

const LXD_PARTS: Readonly<Record<string, RegExp>> = { '': /^unix\.socket$/, '/storage-pools': /./, '/networks': /./ }

/** With the folder of an LXD that is elsewhere. */
export const watchedFolders = (environment: Readonly<Record<string, string | undefined>>) => {
  const folder = environment['LXD_DIR']
  if (!folder?.startsWith('/')) return WATCHED_FOLDERS
  const own = Object.entries(LXD_PARTS).map(([part, names]) => [`${folder}${part}`, names] as const)
  return { ...WATCHED_FOLDERS, ...Object.fromEntries(own) }
}

export interface WatchOptions {
  readonly folders?: Readonly<Record<string, RegExp>>
  readonly quietMs?: number
}

/** Folders that are not there yet are watched through the nearest one above. A folder that cannot be watched is left out. */
export const watchHost = (changed: () => void, options: WatchOptions = {}): Disposable => {
  const { folders = WATCHED_FOLDERS, quietMs = QUIET_MS } = options
  const owned = new DisposableStore()
  let timer: NodeJS.Timeout | undefined
  const soon = (): void => {
    clearTimeout(timer)
    timer = setTimeout(changed, quietMs)
    timer.unref()
  }
  for (const [folder, names] of Object.entries(folders)) owned.add(watchFolder(folder, names, soon))
  owned.add(disposable(() => clearTimeout(timer)))
  return owned
}

const nearest = (folder: string): string => {
  let at = folder
  while (!existsSync(at) && at !== '/') at = dirname(at)
  return at
}

const watchFolder = (folder: string, names: RegExp, changed: () => void): Disposable => {
  let watcher: FSWatcher | undefined
  let ended = false
  const look = (): void => {
    watcher?.close()
    watcher = undefined
    if (ended) return
    const place = nearest(folder)
    try {
      watcher = watch(place, { persistent: false }, (_kind, name) => {
        if (place !== folder) {
          // The way there grew, or it is there now.
          if (nearest(folder) === place) return
          look()
          changed()
        } else if (!existsSync(folder)) {
          look()
          changed()
        } else if (name !== null && names.test(name)) changed()
      })
      watcher.on('error', () => watcher?.close())
    } catch {
      // No more watches to be had, or no right to look: a person still has the button.
    }
  }
  look()
  return disposable(() => {
    ended = true
    watcher?.close()
  })
}
